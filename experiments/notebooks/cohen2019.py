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
# # Chester: predict, refuse, explain
#
# J. P. Cohen, P. Bertin, V. Frappier, *Chester: A Web Delivered Locally Computed Chest X-Ray Disease Prediction
# System*, 2019.
#
# Chester puts a known classifier (CheXNet, a DenseNet-121) on a web page and adds what a user needs besides a score:
# a score that means the same for every disease, a gate that **refuses** images unlike those it was trained on, and a
# map that **explains** where the score comes from. This notebook builds a small one of each and trains it on computed
# radiographs (a **phantom**: only trends can be compared). Because the phantom knows where its findings are, we can
# check whether an explanation points at them.
#
# It takes about a minute on two cores and downloads nothing. **Not for diagnosis.**

# %%
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib import pyplot as plt

import xray_keras
from xray_keras.datasets import splits
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.ood import OodPhantom
from xray_keras.evaluation import (
    calibration,
    detectors,
    intervals,
    localisation,
    ood,
    operating_points,
    predictions,
    thresholds,
)
from xray_keras.losses import classification
from xray_keras.models import ali as ali_networks
from xray_keras.models import explanations
from xray_keras.reporting import drawing
from xray_keras.training import ali, ali_step, ali_watch

# %matplotlib inline
REPORTS = Path(xray_keras.__file__).parents[1] / "reports"
SIZE = 96  # pixels; the full network sees 224

# %% [markdown]
# ## The data
#
# Radiographs with one or more of the fourteen findings of ChestX-ray14, as frequent here as there. Whole patients go
# to one side: 70 % train, 10 % choose operating points, 20 % test, the shares of the paper.

# %%
phantom = Phantom(seed=7)
manifest = phantom.manifest(1200, labelled=True)
part = splits.assign(manifest, "patient-80-20", validation=0.125)
images = phantom.images(manifest, SIZE)
x = np.repeat(images[..., None], 3, axis=-1).astype(np.float32)
y = manifest[list(FINDINGS)].to_numpy(np.float32)
print(f"images {x.shape}, findings {y.shape}, patients {manifest['patient'].nunique()}")
manifest.groupby(part)[list(FINDINGS)].sum().transpose()

# %% [markdown]
# ## A dense block, step by step
#
# An ordinary network hands each layer the maps of the layer before. A **DenseNet** hands it the maps of *all* layers
# before: each layer adds a few new maps (the growth rate, here 12, in DenseNet-121 32) and what was there stays. A 1×1
# convolution in front keeps the arithmetic small. Between blocks a transition halves the channels and the sides.


# %%
def convolution(x: keras.KerasTensor, channels: int, kernel: int) -> keras.KerasTensor:
    """Batch normalisation, ReLU, convolution: in this order, as in DenseNet."""
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    return keras.layers.Conv2D(channels, kernel, padding="same", use_bias=False)(x)


def dense_block(x: keras.KerasTensor, layers: int, growth: int) -> keras.KerasTensor:
    """Each layer sees all maps so far, and adds `growth` of its own."""
    for number in range(layers):
        new = convolution(convolution(x, 4 * growth, 1), growth, 3)
        print(f"  layer {number + 1}: sees {x.shape}, adds {new.shape}")
        x = keras.layers.Concatenate()([x, new])
    return x


# %% [markdown]
# A convolution and a pooling make the image small, as in DenseNet-121, and three blocks follow. Then comes the part on
# which the explanations will rest: the **mean** of each map, and one linear layer with a sigmoid for each finding.

# %%
keras.utils.set_random_seed(0)
image = keras.Input((SIZE, SIZE, 3), name="image")
maps = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
maps = keras.layers.Conv2D(24, 5, strides=2, padding="same", use_bias=False)(maps)
maps = keras.layers.MaxPooling2D(2)(maps)
for block in (1, 2, 3):
    if block > 1:
        maps = keras.layers.AveragePooling2D(2)(convolution(maps, maps.shape[-1] // 2, 1))
    print(f"block {block}: {maps.shape}")
    maps = dense_block(maps, layers=3, growth=12)
maps = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(maps))
means = keras.layers.GlobalAveragePooling2D()(maps)
outputs = keras.layers.Dense(len(FINDINGS), activation="sigmoid")(means)
model = keras.Model(image, outputs, name="small_densenet")
print(f"maps {maps.shape} → means {means.shape} → {outputs.shape}; {model.count_params():,} parameters")

# %% [markdown]
# DenseNet-121 has blocks of 6, 12, 24 and 16 such layers; `xray_keras.models.densenet121` builds it. Ours learns for
# eight epochs, with a learning rate that falls to zero. The loss is the binary cross-entropy, averaged over findings.

# %%
train, validation, test = ((part == name).to_numpy() for name in splits.PARTS)
steps = 8 * -(-int(train.sum()) // 16)
rate = keras.optimizers.schedules.CosineDecay(4e-3, steps)
model.compile(keras.optimizers.Adam(rate), loss=classification.binary_cross_entropy)
history = model.fit(x[train], y[train], batch_size=16, epochs=8, verbose=0)
print("loss by epoch:", ", ".join(f"{loss:.3f}" for loss in history.history["loss"]))
p, p_validation = model.predict(x[test], verbose=0), model.predict(x[validation], verbose=0)

# %% [markdown]
# ## Figure 3: ROC curves and operating points
#
# For rare findings a threshold of one half makes no sense: few images ever reach it. The paper takes for each finding
# the threshold with the highest TPR − FPR, its **operating point**, marked by a red star. Here it is chosen on the
# validation images (`operating_points.youden`) and shown where it falls on the test images.

# %%
SHOWN = ("Atelectasis", "Cardiomegaly", "Effusion", "Pneumothorax")
opt = [operating_points.youden(y[validation][:, k], p_validation[:, k]).value for k in range(len(FINDINGS))]
figure, panels = plt.subplots(1, 4, figsize=(9, 2.7), sharey=True)
for panel, name in zip(panels, SHOWN, strict=True):
    k = FINDINGS.index(name)
    area = intervals.auc(y[test][:, k], p[:, k], predictions.clusters(manifest[test]))
    star = thresholds.at(y[test][:, k], p[:, k], opt[k])
    panel.plot([0, 1], [0, 1], color="gray", linewidth=0.8)
    panel.plot(*thresholds.roc(y[test][:, k], p[:, k]))
    panel.plot([1 - star.specificity], [star.sensitivity], "*", markersize=11, color="red", clip_on=False)
    panel.set_title("{}\nAUC {:.2f} [{:.2f}–{:.2f}]".format(name, area.value, *area.interval))
    panel.set(aspect="equal", xlabel="1 − specificity")
panels[0].set_ylabel("sensitivity")
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question.** Not every star lies at the corner of its own curve. Why? (Look at the table of findings above.)
# <details><summary>Answer</summary>
#
# They were chosen on few validation images with the finding, and those are not the test images. A star that is chosen
# on the test images lies on the corner by construction, as in the paper, and flatters the network.
# </details>
#
# ## Equation 1: one half shall mean the same everywhere
#
# Each output is scaled by two straight lines, so that its operating point stands at one half. A score above one half
# then means "beyond this finding's operating point", for a rare finding as for a common one.

# %%
grid = np.linspace(0, 1, 201)
figure, panel = plt.subplots(figsize=(4.2, 3.2))
for colour, dash, name in zip(drawing.COLOURS, drawing.DASHES, SHOWN, strict=True):
    at = opt[FINDINGS.index(name)]
    panel.plot(grid, calibration.calibrate(grid, at), dash, color=colour, label=f"{name}, opt = {at:.3f}")
    panel.plot([at], [0.5], "o", color=colour)
panel.set(xlabel="output x of the network", ylabel="score f(x)")
panel.legend(loc="lower right")
plt.show()

# %% [markdown]
# **Question.** Does Equation 1 change an AUC? Does it make the score a probability?
# <details><summary>Answer</summary>
#
# No AUC: f rises everywhere, so no two images change places. And no probability: among images that score one half,
# the finding is not there in half of them. Calibration in that sense needs counts, not two straight lines.
# </details>
#
# ## Why does it say so? Equations 3 and 4
#
# The output before the sigmoid is Σₖ wₖ · mean(fₖ) + b. The mean can wait: weigh the *maps* first, and you see which
# places made the sum large. That is the **class activation map**, M(x, y) = Σₖ wₖ fₖ(x, y). First by hand, then by the
# library:

# %%
FINDING = "Atelectasis"
c = FINDINGS.index(FINDING)
parts = explanations.take_apart(model)
one = x[test][y[test][:, c] == 1][:1]
f, w = parts.maps(one).numpy(), parts.kernel.numpy()[:, c]
by_hand = np.einsum("bhwk,k->bhw", f, w)
library = explanations.cam(model, one, c, upsampled=False).numpy()
same = np.allclose(by_hand, library, atol=1e-4)
print(f"maps {f.shape}, weights {w.shape} → map {by_hand.shape}; the library's is the same: {same}")
output = by_hand.mean() + parts.bias.numpy()[c]
print(f"sigmoid of mean and bias {1 / (1 + np.exp(-output)):.4f}, network {model(one).numpy()[0, c]:.4f}")

# %% [markdown]
# **Saliency** asks another question: which pixel, were it brighter, would raise the output? It is the positive part of
# the gradient with respect to the image (`explanations.saliency`).
#
# Both for four test images, a cross at the maximum, with the outline of what the finding changes. Only a phantom knows
# that: it computes the same person with and without. (A collapsed part of a lung draws the heart to its side, so moved
# borders are inside, too.)

# %%
rows = np.flatnonzero(test & (manifest[FINDING] == 1).to_numpy())
truth = phantom.masks(manifest.iloc[rows], SIZE)[:, c]
seen = truth.any(axis=(1, 2))  # some are too faint to show: nothing to point at
rows, truth = rows[seen], truth[seen]
cam, saliency = (each(model, x[rows], c).numpy() for each in (explanations.cam, explanations.saliency))
print(f"{len(rows)} images, maps {cam.shape} and {saliency.shape}, outlines {truth.shape}")

# %%
figure, panels = plt.subplots(3, 4, figsize=(6.4, 5))
for what, line in zip(("outline", "class activation", "saliency"), panels, strict=True):
    line[0].set_ylabel(what)
    for k, panel in enumerate(line):
        panel.imshow(images[rows[k]], cmap="gray", vmin=0, vmax=255)
        panel.contour(truth[k], [0.5], colors="white", linewidths=0.8)
        drawing.pictures_only(panel)
        if what != "outline":
            values = cam[k] if what == "class activation" else saliency[k]
            panel.imshow(values, cmap="inferno", alpha=0.55)
            row, column = localisation.point(values) or (0, 0)
            panel.plot([column], [row], "x", color="white", markersize=7)
figure.tight_layout()
plt.show()

# %% [markdown]
# ## The pointing game
#
# Four pictures prove nothing. So count over all test images with this finding: a **hit** is a map whose maximum lies in
# the outline, or at most 3 % of the side beside it. The baseline sees no image at all: a blob in the middle.

# %%
away = [localisation.distance(mask) for mask in truth]
methods = {
    "class activation": cam,
    "saliency": saliency,
    "centred blob": [localisation.centre(SIZE)] * len(rows),
}
table = {}
for name, values in methods.items():
    hits = [localisation.score(np.asarray(each), far).hit for each, far in zip(values, away, strict=True)]
    share = localisation.share(
        pd.DataFrame({"patient": manifest["patient"].iloc[rows].to_numpy(), "hit": hits})
    )
    low, high = share["interval"] or (np.nan, np.nan)
    table[name] = {"hits": share["value"], "low": low, "high": high}
pd.DataFrame(table).T.round(2)

# %% [markdown]
# Our full runs, DenseNet-121 and all findings, on the phantom and on real images with NIH's boxes:

# %%
full = {
    kind: pd.read_csv(REPORTS / kind / "cohen2019" / "explanations.csv") for kind in ("phantom", "subset")
}
both = pd.concat(full, names=["data", "line"]).query("finding == 'all' and metric == 'hit'")
both.set_index("method", append=True).droplevel("line")[["images", "value", "low", "high"]].round(2)

# %% [markdown]
# `prior` knows where the finding usually is and has seen no image either; `_all` explains all outputs at once, as one
# of the paper's figures does.
#
# **Question.** Which of these would you show a physician as *the reason* for a score?
# <details><summary>Answer</summary>
#
# None without a warning. Knowing the finding's usual place beats every explanation here. A map that looks plausible
# may show where such findings tend to be rather than what the network used; and a network may well be right for a
# reason that lies outside the outline.
# </details>
#
# ## Refuse: ALI
#
# The classifier answers whatever it is shown, a knee or a cat included. Chester first asks whether the image is like
# those of training. Its gate is **ALI**: an encoder E makes a code of an image, a generator G an image of a code, and
# a joint discriminator sees pairs: (image, its code E(image)) or (image G(code), random code). If it cannot tell which
# is which, E and G are each other's inverses on images like those of training, and only there.

# %%
options = ali_step.Options(latent=64, width=0.0625, generator_width=0.25, discriminator_rate=0.2, cycle=20.0)
keras.utils.set_random_seed(0)
pair = ali_step.Ali(options, {"pair": 2e-3, "discriminator": 4e-4}, ali.smoothing())
for network in (pair.encoder, pair.generator, pair.discriminator):
    print(network.name, *(tuple(each.shape[1:]) for each in network.inputs))
    learning = [layer for layer in network.layers if layer.count_params() and "norm" not in layer.name]
    print("  →", *(layer.output.shape[1:] for layer in learning))

# %% [markdown]
# These are a sixteenth as wide as the paper's (the generator a quarter), which saw two million images. Ours see twelve
# hundred and get help: the distance between an image and its reconstruction joins the loss of E and G (`cycle`). Where
# the discriminator tells nothing apart, its loss is 2·ln 2 ≈ 1.39.


# %%
def shrink(pixels: np.ndarray) -> np.ndarray:
    """Images (N, S, S) at the 64 pixels of ALI, uint8."""
    small = tf.image.resize(pixels[..., None], (ali_networks.SIZE, ali_networks.SIZE), method="area")
    return np.rint(small.numpy()[..., 0]).astype(np.uint8)


known = shrink(images[train][:600])[..., None].astype(np.float32)
history = pair.fit(known, np.zeros(len(known)), batch_size=8, epochs=2, verbose=0).history
for name in ("loss", "generator_loss", "cycle"):
    print(f"{name:15}", " → ".join(f"{value:.2f}" for value in history[name]))
autoencoder = ali_networks.autoencoder(pair.encoder, pair.generator)

# %% [markdown]
# ## Foreign images
#
# The library computes some: chests of children, which Chester should accept, and limbs, crops of photographs and
# handwritten digits, which it should refuse. Of each set an image that is reconstructed better than three quarters of
# the set, and below it the reconstruction, with 1 − SSIM between the two: the paper's distance (Equation 2).

# %%
strange, _ = OodPhantom(seed=8).manifest(40)
pictures = OodPhantom(seed=8).images(strange, SIZE)
own = test | validation
sets = {"chest": images[own]}
sets |= {name: pictures[strange["source"] == name] for name in strange["source"].unique()}
made = {name: ali_watch.reconstruct(autoencoder, shrink(pixels), 64) for name, pixels in sets.items()}
figure, panels = plt.subplots(2, 5, figsize=(7.5, 3.4))
for (above, below), (name, found) in zip(panels.T, made.items(), strict=True):
    k = np.argsort(found["ssim"])[len(found["ssim"]) // 4]
    above.imshow(sets[name][k], cmap="gray", vmin=0, vmax=255)
    below.imshow(found["reconstruction"][k], cmap="gray", vmin=0, vmax=255)
    above.set_title(name)
    below.set_xlabel(f"1 − SSIM = {found['ssim'][k]:.2f}")
    drawing.pictures_only(above)
    drawing.pictures_only(below)
figure.tight_layout()
plt.show()

# %% [markdown]
# Whatever it is shown, it paints a chest: that is what gives the others away.
#
# Another gate needs no second network: how far are the classifier's own features, the means of its maps, from those of
# its training images? `detectors.Mahalanobis` measures that in units of their spread.

# %%
featured = keras.Model(image, means)
learned = featured.predict(x[train], verbose=0)
detector = detectors.Mahalanobis.fit(learned)
repeated = np.repeat(pictures[..., None], 3, axis=-1).astype(np.float32)
chest = manifest[own][["image", "patient"]].assign(set="chest", split=part[own], group="chest", pneumonia=-1)
foreign = strange[["image", "patient", "group"]].assign(set=strange["source"], split="test", pneumonia=-1)
chest["s_mahalanobis"] = detector.score(featured.predict(x[own], verbose=0))
foreign["s_mahalanobis"] = detector.score(featured.predict(repeated, verbose=0))
frame = pd.concat([chest, foreign], ignore_index=True)
frame["s_ssim"] = np.concatenate([found["ssim"] for found in made.values()])  # sets stand in the same order
print(f"features {learned.shape}; two scores for each of {len(frame)} images")

# %% [markdown]
# The cut-off of each gate lets 95 % of the validation chests pass; nothing foreign was used to choose it. How many of
# each set get through?

# %%
order = ["chest", *ood.sets(frame)]
titles = {"ssim": "1 − SSIM of ALI", "mahalanobis": "Mahalanobis distance"}
figure, panels = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True)
passed = []
for panel, gate in zip(panels, titles, strict=True):
    cut = ood.cut_off(ood.chest(frame, "validation")[f"s_{gate}"].to_numpy())
    passed.append(ood.passed(frame, gate, cut))
    scores = [frame.loc[frame["set"] == each, f"s_{gate}"] for each in order]
    panel.boxplot(scores, tick_labels=order, orientation="horizontal")
    panel.axvline(cut, color="red", linewidth=1)
    panel.set(title=titles[gate])
figure.tight_layout()
plt.show()
pd.concat(passed).pivot(index="set", columns="detector", values="value").reindex(order).round(2)

# %% [markdown]
# Limbs, photographs and digits are easy: they are unlike chests in every respect. Children's chests are the hard case,
# and the one that matters. The same shares in our full runs, on the phantom and on real images (`kermany` is children):

# %%
full = {kind: pd.read_csv(REPORTS / kind / "cohen2019" / "ood.csv") for kind in ("phantom", "subset")}
both = pd.concat(full, names=["data", "line"]).query("metric == 'passed'")
both.pivot_table(index=["data", "group", "set"], columns="detector", values="value").round(2)

# %% [markdown]
# **Question.** A good gate and a fair gate: can one cut-off be both?
# <details><summary>Answer</summary>
#
# On the real images the paper's distance, `ssim`, sends away most of the children, whose radiographs a physician can
# read. Nearest neighbours among the classifier's features (`knn`) keep most of them and refuse the rest as well. But
# each gate only measures likeness to the training set, and whoever is not in it is foreign: children, rare anatomies,
# other machines. That no digit gets through says nothing about them.
# </details>
#
# ## Now on the real data
#
# Put the NIH release, and beside it Kermany's children, MURA, CIFAR-100 and MNIST or as many of them as you have, into
# one folder; `xray-keras data` says where to get them and under which terms. Then, in the repository:
# ```
# make cohen2019 DATA=/folder/above/them        # every table and figure but those of the page
# make cohen2019-page DATA=/folder/above/them   # the page: Figures 1, 2 and 9
# ```
# Without `DATA` the same commands compute a phantom. Whatever comes out is **not for diagnosis.**
