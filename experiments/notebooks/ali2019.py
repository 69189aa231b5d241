# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # ali2019: rare findings, borrowed networks, invented images
#
# Z. Ali, F. Vivek, R. Rajpal, *Chest X-ray Image Classification Using Transfer Learning and GANs*.
#
# The NIH release has fourteen findings, and most of them are rare. The paper tries three remedies and asks which helps:
#
# 1. a **small network a finding**, whose loss counts the rare class for more;
# 2. **transfer learning**: a network that already knows photographs, adapted to radiographs;
# 3. a **GAN** (InfoGAN) that invents radiographs with the finding, to train on them as well.
#
# Here all three are built step by step and trained for seconds, on images of 32 pixels. It takes about a minute and a
# half on two cores and needs no download. The images are a phantom: only trends can be compared. **Not for diagnosis.**

# %%
import functools
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import xray_keras
from xray_keras.audit.ali2019 import facts, recovered
from xray_keras.datasets import splits
from xray_keras.datasets.findings import title
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.evaluation import evaluate
from xray_keras.losses import classification
from xray_keras.models import binary_cnn, frozen, infogan, infogan_latent, vgg16, weight_cache
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.training import generation, infogan_step, inputs

# %matplotlib inline
REPORTS = Path(xray_keras.__file__).parents[1] / "reports"
SIZE = 32  # pixels of the side; the paper's binary CNNs see 128
FINDING = "Effusion"
BLUE, ORANGE = drawing.COLOURS[:2]

# %% [markdown]
# ## 1. Fourteen findings, few of each
#
# The paper prints how many images show each finding, among 51,759 with any. The phantom has them in the same
# proportions. Patients are split, so that nobody is trained on and tested on.

# %%
phantom = Phantom(seed=2019)
manifest = phantom.manifest(1200, labelled=True)
images = phantom.images(manifest, SIZE)
split = splits.assign(manifest, "patient-80-20").to_numpy()
sizes = facts.class_sizes()
order = sorted(sizes, key=lambda finding: sizes[finding])
shares = [sizes[finding] / recovered.labelled() for finding in order]
figure, panel = plt.subplots(figsize=(6, 3.4), layout="constrained")
panel.barh([title(finding) for finding in order], shares, color=BLUE, label="printed")
panel.plot(manifest[order].mean(), range(14), "o", color=ORANGE, label="phantom")
panel.set(xlabel="share of the images")
panel.legend()
plt.show()

# %% [markdown]
# **Question.** Why is *Mass* so far off? (`manifest[manifest["Mass"] == 1]["patient"].value_counts()`)
# <details><summary>Answer</summary>
#
# Two patients have four in ten of all images of a mass: 1,200 images are far fewer than 1,200 pieces of information.
# That is why splits and intervals of this suite go by patient.
# </details>
#
# **Question.** A model answers "no hernia" to each image. How accurate is it?
# <details><summary>Answer</summary>
#
# 227 of 51,759 images show one, so it is right 99.6 % of the time, and useless. In Table II both pre-trained networks
# are such models for hernia: accuracy 0.996, recall 0. Where a finding is rare, look at recall, precision and AUC.
# </details>
#
# ## 2. The binary CNN, step by step (II.A, Figure 1)
#
# Two convolutions, each followed by pooling, then one dense layer of 1,024 units. Two outputs: absent, present.

# %%
steps = [
    keras.layers.Rescaling(1 / 255),
    keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
    keras.layers.MaxPooling2D(2),
    keras.layers.Conv2D(64, 4, padding="same", activation="relu"),
    keras.layers.MaxPooling2D(2),
    keras.layers.Flatten(),
    keras.layers.Dropout(0.25),
    keras.layers.Dense(1024, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-5)),
    keras.layers.Dropout(0.5),
    keras.layers.Dense(2, activation="softmax"),
]

# %%
x = image = keras.Input((SIZE, SIZE, 3))
for step in steps:
    x = step(x)
    print(f"{type(step).__name__:14} {x.shape!s:22} {step.count_params():>10,} parameters")
by_hand = keras.Model(image, x)
model = binary_cnn.build(size=SIZE, labels=1, dropout=0.25, l2=1e-5)
print(f"{by_hand.count_params():,} by hand, {model.count_params():,} in the library")

# %% [markdown]
# **Question.** Nearly all parameters are in one layer. How many has it at the paper's 128 pixels, and how many training
# images does the paper have for each of the rarest findings?
# <details><summary>Answer</summary>
#
# After two poolings a map of 32 × 32 × 64 is left, so the dense layer has (32·32·64 + 1)·1024 = 67,109,888 parameters,
# for 227 images of hernia. Such a network can learn its training images by heart; hence two dropouts and a penalty
# on large weights.
# </details>
#
# ## 3. A loss that counts the rare class for more (III.D)
#
# The paper trains with plain cross-entropy or with a **weighted** one, in which an image with the finding counts as
# much as several without. The library's weight is the number of negatives over that of positives: then both classes
# have the same say.

# %%
x, y = inputs.to_input(images).numpy(), manifest[FINDING].to_numpy(np.float32)[:, None]
train, asked = np.flatnonzero(split == "train"), np.flatnonzero(split != "train")
weight = classification.positive_weight(int(y[train].sum()), len(train))
results = {}
for name, factor in (("binary CNN", 1.0), (f"binary CNN, positives × {weight:.1f}", weight)):
    keras.utils.set_random_seed(0)
    model = binary_cnn.build(size=SIZE, labels=1, dropout=0.25, l2=1e-5)
    loss = functools.partial(classification.softmax_cross_entropy, positive_weight=factor)
    model.compile(optimizer=keras.optimizers.Adam(3e-4), loss=loss)
    model.fit(x[train], y[train], epochs=4, batch_size=32, verbose=0)
    results[name] = model.predict(x[asked], verbose=0)[:, 1]


# %%
def scored(p):
    """Metrics of probabilities, with 95 % intervals; decisions at one half, as in the paper."""
    table = manifest.iloc[asked][["image", "patient"]].assign(y_it=y[asked, 0], p_it=p)
    found = evaluate.evaluate(table)["labels"]["it"]
    cells, line = {"AUC": found["auc"], **found["operating_points"]["default"]}, {}
    for name in ("AUC", "accuracy", "recall", "precision", "f1"):
        ends = cells[name]["interval"]  # None where nothing was called, for instance
        line[name] = f"{cells[name]['value']:.2f}" + (f" [{ends[0]:.2f}–{ends[1]:.2f}]" if ends else "")
    return line


pd.DataFrame({name: scored(p) for name, p in results.items()}).T

# %% [markdown]
# Weighting moves recall a great deal and the AUC hardly: the network ranks the images as before, but answers "yes"
# sooner. Keep that in mind; it comes back with the GAN.
#
# ## 4. Transfer learning (II.B)
#
# VGG16 was trained on a million photographs. The paper keeps its filters, trains the last four layers only, and puts a
# new output on top. What is frozen gives the same features of an image each time; so they are computed once.

# %%
cached = weight_cache.sound(weight_cache.cache_folder() / "vgg16.npz")
kinds = ["random", "imagenet"] if cached else ["random"]  # `make weights` would fetch them
network = vgg16.build(size=SIZE, labels=1, weights="random", dropout=0.5)
stem, head = frozen.split(network)
print(f"frozen:  {stem.input_shape} → {stem.output_shape}, {stem.count_params():,} parameters")
print(f"trained: {head.input_shape} → {head.output_shape}, {head.count_params():,} parameters")
for layer in head.layers[1].layers[1:]:
    print(f"         {layer.name:14} {layer.output.shape}")

# %%
rate = loader.load("ali2019")["settings"]["vgg16"]["learning_rate"]
for kind in kinds:
    keras.utils.set_random_seed(0)
    stem, head = frozen.split(vgg16.build(size=SIZE, labels=1, weights=kind, dropout=0.5))
    features = stem.predict(x, batch_size=32, verbose=0)
    head.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    head.fit(features[train], y[train], epochs=3, batch_size=32, verbose=0)
    results[f"VGG16, {kind} weights"] = head.predict(features[asked], verbose=0)[:, 0]
pd.DataFrame({name: scored(p) for name, p in results.items()}).T

# %% [markdown]
# **Question.** Where ImageNet's weights are on this computer, the last two lines differ in nothing but the numbers in
# the filters at the start. What do they say?
# <details><summary>Answer</summary>
#
# Filters learned from dogs and cars serve for radiographs as well, for edges are edges. Random ones are not useless: a
# mixture of neighbouring pixels still tells where it is bright. The paper finds the same: by AUC, both pre-trained
# networks beat the binary CNN on all findings.
# </details>
#
# ## 5. InfoGAN, step by step (II.C, Table I)
#
# A **generator** paints images from random numbers; a **discriminator** tells painted from real ones; each learns from
# the other. InfoGAN adds that some of the numbers, the *codes*, must be readable from the painting, so that they
# come to mean something. The paper says what the generator takes:

# %%
claim = loader.claims("ali2019")["latent_size"]
print({name: number.text for name, number in claim.values.items()})
latent = infogan_latent.reading("described")
drawn = infogan_latent.sample(latent, 1, seed=0)
parts = infogan_latent.split(latent, np.asarray(drawn))
ways = parts.categorical.reshape(4, 10).argmax(axis=1)
print(f"four ten-way codes, {parts.categorical.shape}: {ways}")
print(f"continuous codes, {parts.continuous.shape}: {parts.continuous.round(2)}")
print(f"noise, {parts.noise.shape}; all together {latent.size} numbers")

# %% [markdown]
# **Question.** Printed is a total of 40. What is the sum of the parts? And Table I begins with a map of 1 × 1: how
# large is the image after three layers that double the side?
# <details><summary>Answer</summary>
#
# 4·10 + 4 + 32 = 76, not 40. And 1 → 2 → 4 → 8 pixels, not 128. As printed, the network cannot exist. The one reading
# of Table I that closes starts from a map of 16 × 16; [the page of Table I](../../reports/phantom/ali2019/table1.md)
# says so for every such place.
# </details>

# %%
h = codes = keras.Input((latent.size,))
h = keras.layers.BatchNormalization()(keras.layers.Dense(16 * 16 * 448)(h))
h = keras.layers.Reshape((16, 16, 448))(keras.layers.ReLU()(h))
print("dense layer, as a map", h.shape)
for channels in (128, 64):
    h = keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(h)
    h = keras.layers.ReLU()(keras.layers.BatchNormalization()(h))
    print("upconvolution        ", h.shape)
painted = keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh")(h)
print("upconvolution, tanh  ", painted.shape)
numbers = keras.Model(codes, painted).count_params(), infogan.generator(latent).count_params()
print("{:,} parameters by hand, {:,} in the library".format(*numbers))

# %% [markdown]
# The discriminator goes the other way, and its last map answers two questions: real or painted (`logit`), and which
# codes made it (the others).

# %%
discriminator = infogan.discriminator(latent)
for layer in discriminator.layers:
    if layer.name.startswith("DQ_conv") or layer.name == "trunk":
        print(f"{layer.name:12} {layer.output.shape}")
print({name: output.shape for name, output in discriminator.output.items()})

# %% [markdown]
# ## 6. Training it for half a minute
#
# The same networks, a quarter as wide, for images of 32 pixels. One GAN learns one finding, here from the training
# patients' images with an effusion. After some passes over them, the same random numbers are painted again. How much of
# the codes can be read from a painting is counted in nats: 12.0 would be all of it.

# %%
demo = {"width": 0.25, "information": 0.3, "smoothing": 0.1, "average": 0.99}  # sizes for two cores
options = infogan_step.Options(finding=FINDING, **demo)
learned = train[y[train, 0] == 1]
no_labels = np.zeros((len(learned), 0), np.float32)  # none are codes here
keras.utils.set_random_seed(0)
gan = infogan_step.InfoGan(options, {"generator": 8e-4, "discriminator": 4e-4}, SIZE, no_labels)
rows, stages = generation.draw(options, no_labels[:10], seed=1), {}
for passes in (4, 12, 44):
    told = gan.fit(x[learned][..., :1], no_labels, batch_size=16, epochs=passes, verbose=0).history
    steps = int(gan.optimizer.iterations)
    stages[f"{steps} steps"] = generation.paint(gan.painter, rows, options)
    print(f"{steps:4} steps: the discriminator is right in {told['accuracy'][-1]:.0%} of the images")
print(f"codes known from a painting: {told['information'][-1]:.1f} of {latent.entropy:.1f} nats")


# %%
def strips(pictures, heading, **look):
    """Rows of pictures: name → (n, S, S)."""
    height = 0.75 * len(pictures)
    figure, panels = plt.subplots(len(pictures), 1, figsize=(6.6, height), layout="constrained")
    for panel, (name, row) in zip(panels, pictures.items(), strict=True):
        panel.imshow(np.concatenate([np.pad(one, 1) for one in row], axis=1), **look)
        drawing.pictures_only(panel)
        panel.set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle(heading)
    plt.show()


heading = f"{title(FINDING)}, phantom: real radiographs, and what InfoGAN paints"
strips({"real": images[learned[:10]], **stages}, heading, cmap="gray", vmin=0, vmax=255)

# %% [markdown]
# What do the codes do? Take one painting, change a single code, and subtract the mean of the ten paintings: blue is
# where that value of the code paints darker than the others, red where brighter (colours reach their darkest at a
# twelfth of the range of gray).

# %%
changes = {}
for code in range(latent.codes):
    painted = generation.paint(gan.painter, infogan_latent.traverse(latent, rows[:1], code)[0], options)
    changes[f"code {code + 1}"] = painted - painted.mean(axis=0)
print({name: f"± {change.std():.1f}" for name, change in changes.items()}, "gray levels of 255")
chosen = {name: changes[name] for name in ("code 1", "code 2", "code 5")}
strips(chosen, "Two of the ten-way codes and a continuous one", cmap="RdBu_r", vmin=-20, vmax=20)

# %% [markdown]
# The codes can partly be read from a painting, which is what InfoGAN asks for; but after half a minute they are written
# in faint patterns that nobody would notice, and that mean nothing to a doctor. A code that an algorithm finds need not
# be one that people have a word for.
#
# ## 7. Do the invented images help? (Table III)
#
# The paper trains its binary CNNs with and without generated images and concludes that they help where a finding has
# many images. The suite has repeated it on the phantom; here is what changes, ours with 95 % intervals.

# %%
printed = loader.table("ali2019", "table3")
ours = pd.read_csv(REPORTS / "phantom/ali2019/table3.csv").query("arm == 'with − without'")
figure, panels = plt.subplots(1, 4, figsize=(9, 2.6), sharey=True, layout="constrained")
for panel, metric in zip(panels, ("Recall", "F1", "Accuracy", "AUC"), strict=True):
    with_, without = (printed.rows[row][metric] for row in ("w/ GAN", "w/o GAN"))
    line = ours[ours["metric"] == metric].set_index("finding").loc[list(printed.columns)]
    change = [a.value - b.value for a, b in zip(with_, without, strict=True)]
    panel.plot(change, printed.columns, "x", color=ORANGE)
    panel.plot(line["value"], line.index, "o", color=BLUE)
    panel.hlines(line.index, line["low"], line["high"], color=BLUE)
    panel.axvline(0, color="gray", linewidth=0.8)
    panel.set(title=f"{metric}: with − without")
figure.legend(["printed", "ours, phantom"], loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# In print, recall and F1 rise for three of the four findings, and for the same three accuracy falls. The AUC, which no
# threshold moves, rises for one of them.
#
# **Question.** All images of a GAN of effusions count as effusions. What did section 3 show of a network that is shown
# more positives? And is a higher F1 at a fixed threshold the same as telling images apart better?
# <details><summary>Answer</summary>
#
# It says "yes" sooner: recall rises, accuracy falls, and the AUC stays. So gains in recall and F1 are no proof that
# the invented images taught anything; moving the threshold gives them for nothing.
# [The page of Table III](../../reports/phantom/ali2019/table3.md) shows F1 at a tuned threshold, where little is left.
# </details>
#
# ## Now on the real data
#
# Unpack the NIH release into `nih-chestxray14`, and beside each printed cell stands one of your own:
#
# ```
# make table2 DATA=/folder/above/it        # 14 binary CNNs, InceptionV3, VGG16
# make table3 DATA=/folder/above/it        # InfoGANs, and the CNNs with their images
# make ali2019                             # all of the paper, on the phantom
# ```
#
# With `SCALE=paper VARIANT=paper` every setting is as printed; that wants a GPU.
#
# Whether such images add anything to a training set, and whether they give patients away, is the subject of the
# notebook `gan_notes`.
