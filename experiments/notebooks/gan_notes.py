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
# # gan_notes: what generated images are good for, and what they give away
#
# The course notes on GANs promise three things of generated images: more data to train on (**augmentation**), data that
# show nobody in particular (**privacy**), and pictures of people whom nobody recognises (**anonymity**). They print
# hardly a number. This notebook tries each promise.
#
# First the game itself, by hand and in one dimension, where everything can be seen. Then a small GAN of radiographs,
# trained for half a minute. All in about a minute and a half on two cores. The images are computed, a phantom: only
# trends can be compared. **Not for diagnosis.**

# %%
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import xray_keras
from xray_keras.datasets import splits
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.evaluation import intervals, near_copies, neighbours, obscuring, planted, predictions, privacy
from xray_keras.evaluation.privacy_sides import Side, recognised
from xray_keras.losses import adversarial
from xray_keras.models import small_cnn
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.training import augmentation, generation, infogan_step, inputs

# %matplotlib inline
REPORTS = Path(xray_keras.__file__).parents[1] / "reports"
SIZE = 32  # pixels of the side

# %% [markdown]
# ## 1. The game, by hand
#
# Real "images" are single numbers, normally distributed with mean 0 and spread 0.5. The **generator** turns noise z
# into a·z + b. It starts with mean −3 and spread 1 and should end where the real numbers are.
#
# The **discriminator** gives each number x a logit w₀ + w₁x + w₂x²; above 0 it says "real". Its loss is the mean of
# log(1 + e^−logit) over real numbers, plus the mean of log(1 + e^logit) over made ones. The generator's loss is the
# mean of log(1 + e^−logit) over the numbers it made: it wants them to be called real. One step down each gradient:


# %%
def parts(x):
    """1, x and x², (3, N)."""
    return np.stack([np.ones_like(x), x, x**2])


def teach(w, real, made):
    """Towards real numbers that the discriminator missed, away from made ones that fooled it."""
    missed, fooled = 1 / (1 + np.exp(w @ parts(real))), 1 / (1 + np.exp(-w @ parts(made)))
    return w + 0.1 * ((missed * parts(real)).mean(axis=1) - (fooled * parts(made)).mean(axis=1))


def improve(a, b, w, z):
    """The generator moves its numbers to where the logit rises, the more the less they are believed."""
    pull = (w[1] + 2 * w[2] * (a * z + b)) / (1 + np.exp(w @ parts(a * z + b)))
    return a + 0.05 * (pull * z).mean(), b + 0.05 * pull.mean()


# %%
def play(rounds, lessons):
    """Rounds of `lessons` steps of the discriminator and one of the generator."""
    rng, w, a, b, told = np.random.default_rng(0), np.zeros(3), 1.0, -3.0, []
    for _ in range(rounds):
        for _ in range(lessons):
            real, made = rng.normal(0, 0.5, 512), a * rng.normal(size=512) + b
            w = teach(w, real, made)
        loss = np.logaddexp(0, -w @ parts(real)).mean() + np.logaddexp(0, w @ parts(made)).mean()
        told.append([b, a, loss])
        a, b = improve(a, b, w, rng.normal(size=512))
    return pd.DataFrame(told, columns=["mean", "spread", "loss of the discriminator"])


# %%
game = play(rounds=400, lessons=5)
panel = game.plot(style=list(drawing.DASHES[:3]), figsize=(6, 2.8), xlabel="round")
panel.axhline(2 * np.log(2), color="0.8")
clueless = np.zeros((8, 1), np.float32)  # logits of a discriminator that cannot tell
loss = adversarial.discriminator_loss(clueless, clueless, adversarial.Targets(real=1.0, fake=0.0))
print(f"its loss, by the library's function: {loss:.3f}")

# %% [markdown]
# The generator overshoots, turns back, and settles at mean 0 and spread 0.5. The discriminator ends with a loss of
# 2·log 2 = 1.386 (the gray line): it cannot tell real from made, which is all that a GAN can reach.
#
# Look at the spread around round 50: nearly 0. For a while the generator makes the same number again and again, one
# that the discriminator believes. That is **mode collapse**.
#
# **Question.** Give the discriminator one lesson a round, `play(1500, 1)`. How long does the collapse last, and would
# you have noticed it from the loss?
# <details><summary>Answer</summary>
#
# For nearly three hundred rounds the spread stays below 0.1, while the loss wanders about 1.39, as at success. The loss
# of a GAN says who is winning, not how good the images are. Look at the images, or measure them.
# </details>
#
# ## 2. A GAN of radiographs
#
# Patients are split three ways. **Training patients**: the GAN and the classifiers learn from them. **Validation
# patients** took no part; they will tell what a stranger looks like. **Test patients** judge the classifiers.
#
# The network is the InfoGAN of *ali2019*, a quarter as wide (its notebook builds it layer by layer). One of its codes
# is the label, effusion or not, so that images of either kind can be ordered.

# %%
manifest = Phantom(seed=2019).manifest(1500, labelled=True)
images = Phantom(seed=2019).images(manifest, SIZE)
x, y = inputs.to_input(images).numpy(), manifest[["Effusion"]].to_numpy(np.float32)
patients = manifest["patient"].to_numpy()
split = splits.assign(manifest, "patient-80-20", validation=0.3)
train, strangers, test = (np.flatnonzero(split == part) for part in splits.PARTS)
for name, rows in (("train", train), ("validation", strangers), ("test", test)):
    print(f"{name:10} {len(rows)} images of {len(np.unique(patients[rows]))} patients")

# %%
demo = {"width": 0.25, "information": 0.3, "smoothing": 0.1, "average": 0.99}  # sizes for two cores
options = infogan_step.Options(conditions=("Effusion",), **demo)
keras.utils.set_random_seed(0)
gan = infogan_step.InfoGan(options, {"generator": 8e-4, "discriminator": 4e-4}, SIZE, y[train])
print("generator:    ", gan.generator.input_shape, "→", gan.generator.output_shape)
print("discriminator:", {name: output.shape for name, output in gan.discriminator.output.items()})
gan.fit(x[train][..., :1], y[train], batch_size=16, epochs=20, verbose=0)
made = generation.generate(gan.painter, gan.discriminator, options, y[train], count=600, seed=1)
print({name: array.shape for name, array in made.items()})

# %% [markdown]
# Below: real radiographs, then paintings in pairs. In a column all random numbers are the same, only the label differs.

# %%
absent, present = np.zeros((9, 1), np.float32), np.ones((9, 1), np.float32)
drawn = generation.draw(options, absent, seed=3)
rows = {"real": images[train[::40][:9]]}
for name, labels in (("without", absent), ("effusion", present)):
    ordered = np.asarray(infogan_step.with_labels(options, drawn, labels))
    rows[name] = generation.paint(gan.painter, ordered, options)
figure, panels = plt.subplots(3, 1, figsize=(6.6, 2.4), layout="constrained")
for panel, (name, row) in zip(panels, rows.items(), strict=True):
    panel.imshow(np.concatenate([np.pad(one, 1) for one in row], axis=1), cmap="gray", vmin=0, vmax=255)
    drawing.pictures_only(panel)
    panel.set_ylabel(name, rotation=0, ha="right", va="center")

# %% [markdown]
# ## 3. Augmentation: do they help a classifier?
#
# Suppose only 120 labelled radiographs are at hand. Does it help to add copies that are shifted, zoomed and turned a
# little (classical augmentation), or generated images? All networks take the same number of steps, so they differ in
# what they see, not in how often. For comparison: generated images alone, and all real ones of the training patients.


# %%
def tried(pictures, labels):
    """A small network, trained for 180 steps, and its AUC on the test patients with an interval."""
    keras.utils.set_random_seed(0)
    network = small_cnn.build(size=SIZE, labels=1, dropout=0.5)
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy")
    network.fit(pictures, labels, batch_size=32, epochs=round(180 * 32 / len(pictures)), verbose=0)
    return network, ranked(network.predict(x[test], verbose=0)[:, 0])


def ranked(p):
    """AUC of the test images' probabilities, and its 95 % interval."""
    area = intervals.auc(y[test, 0], p, predictions.clusters(manifest.iloc[test]))
    return [area.value, *area.interval]


# %%
invented = inputs.to_input(made["image"]).numpy()
few = np.tile(np.random.default_rng(0).choice(train, 120, replace=False), 5)
moves = augmentation.transforms(np.random.default_rng(1), len(few), SIZE, ("shift", "zoom", "rotation"))
ordered = made["condition"].astype(np.float32)
arms = {
    "120 real": (x[few[:120]], y[few[:120]]),
    "120 real, classical": (inputs.to_input(images[few], moves).numpy(), y[few]),
    "120 real, 600 generated": (np.concatenate([x[few], invented]), np.concatenate([y[few], ordered])),
    "generated alone": (invented, ordered),
    "all real": (x[train], y[train]),
}
found = {name: tried(*arm) for name, arm in arms.items()}
pd.DataFrame({name: area for name, (_, area) in found.items()}, ["AUC", "low", "high"]).T.round(3)

# %% [markdown]
# "Generated alone" lies above one half: what the GAN paints on order has to do with effusions. But the generated images
# do not lift the 120 real ones, although this generator has seen all training patients, which is generous; nor do the
# intervals tell the first three lines apart. The suite's laboratory asks properly: generator and classifier learn from
# the same patients, several networks each, three findings.

# %%
lab = {kind: pd.read_csv(REPORTS / kind / "gan_notes/laboratory.csv") for kind in ("phantom", "subset")}
curve = lab["phantom"].query("section == 'augmentation' and metric == 'mean AUC' and of != 'RandAugment'")
figure, panel = plt.subplots(figsize=(5.5, 3), layout="constrained")
for place, (name, line) in enumerate(curve.groupby("of", sort=False)):
    across, look = np.arange(3) + 0.06 * place, drawing.series(place)
    panel.plot(across, line["value"], **look, label=name)
    panel.vlines(across, line["low"], line["high"], color=look["color"])
panel.set(xticks=range(3), xticklabels=line["share"], xlabel="share of the training patients")
panel.set(ylabel="mean AUC", title="Phantom, full laboratory")
panel.legend()
plt.show()

# %% [markdown]
# **Question.** A generator learns from the same radiographs as the classifier. Can its images contain anything about
# effusions that those radiographs do not?
# <details><summary>Answer</summary>
#
# Not about effusions. It can only pass on what it learned, and loses some. It may still help as a regulariser, as
# shifting and turning does, or where it also learned from images without labels, which the classifier cannot use.
# </details>
#
# ## 4. Privacy: is a patient in the picture?
#
# "Generated" does not mean "new". First question: are the generated images nearer to the people whom the GAN learned
# from than to strangers? One image each of equally many patients on both sides; a GAN that remembers nobody in
# particular is at one half.

# %%
sides = privacy.references(patients[train], patients[strangers])
known, unknown = images[train][sides.training], images[strangers][sides.held_out]
generated = privacy.pixels(made["image"])
nearest = [neighbours.nearest(generated, privacy.pixels(side)) for side in (known, unknown)]
nearer = privacy.nearer(*nearest, sizes=len(known))
share, (low, high) = nearer.share["value"], nearer.share["interval"]
print(f"{share:.0%} of the generated images [{low:.0%}–{high:.0%}] are nearer to one of the {len(known)}")
print(f"patients learned from than to one of {len(unknown)} strangers; p of one half: {nearer.p:.2f}")

# %% [markdown]
# Second question: is any single image a **near copy**? A copy need not be exact: it may be mirrored, cropped or
# compressed. To see whether the screen finds such images, plant some: three training images in four disguises,
# hidden among 100 generated ones. Strangers set the threshold: of *their* images at most 1 % may be flagged.

# %%
disguised = planted.copies(images[train[[5, 60, 250]]], seed=0)
suspects = np.concatenate([made["image"][:100], *disguised.values()])
people = {"training_patients": patients[train], "held_out_patients": patients[strangers]}
screened = near_copies.screen(suspects, images[train], images[strangers], **people, error_rate=0.01)
caught, rule = screened.flagged, screened.rule
print(f"flagged: {caught[:100].sum()} of 100 generated, {caught[100:].sum()} of 12 planted images")
print(f"flagged is a distance below {rule.threshold:.3f}, learned from {rule.patients} strangers")

# %%
shown, names = [0, 1, 2, 100, 103, 106, 109], ["generated"] * 3 + list(disguised)
figure, panels = plt.subplots(2, len(shown), figsize=(7, 2.5), layout="constrained")
for (upper, lower), suspect, name in zip(panels.T, shown, names, strict=True):
    upper.set_title(f"{name}\n{screened.distance[suspect]:.3f}")
    upper.imshow(suspects[suspect], cmap="gray", vmin=0, vmax=255)
    lower.imshow(images[train[screened.original[suspect]]], cmap="gray", vmin=0, vmax=255)
    drawing.pictures_only(upper)
    drawing.pictures_only(lower)

# %% [markdown]
# Above are suspects with their distances (1 − correlation of details), below the nearest training image of each.
#
# **Question.** The screen is clean. May the generated images be published as anonymous?
# <details><summary>Answer</summary>
#
# It shows that no image is a near copy, not that nobody can be traced: an image may combine features by which one
# patient is known. The notes' own caution holds: dropping what is too close helps, and is no proof. `xray-keras
# privacy` adds two attacks: membership ("was this radiograph learned from?") and re-identification.
# </details>
#
# ## 5. Anonymity: hide the person, keep the finding?
#
# Can a radiograph be changed so that nobody knows the patient again, while the finding stays visible? An attacker looks
# each of these up among other radiographs whose patients he knows, here simply by pixels. Blur makes that harder; but
# the classifier looks through the same blur.

# %%
classifier, points = found["all real"][0], {}
for name, width in {"none": 0, "1/32": 1 / 32, "1/16": 1 / 16, "1/8": 1 / 8, "1/4": 1 / 4}.items():
    blurred = obscuring.blurred(images[test], width)
    side = Side(blurred, patients[test], manifest["view"].to_numpy()[test], privacy.pixels(blurred))
    again = recognised(side, seed=0)
    area = ranked(classifier.predict(inputs.to_input(blurred).numpy(), verbose=0)[:, 0])
    points[name] = [again["rank_one"]["value"], again["chance"], area[0]]
columns = ["known again", "by chance", "AUC of the classifier"]
pd.DataFrame(points, columns).T.rename_axis("blur").round(3)

# %% [markdown]
# By mere pixels a third are known again, and blur takes the finding away sooner than the likeness. The laboratory has
# an attacker who *learned* to recognise people, and generators that redraw the radiograph. Success would be the upper
# left corner: the finding is seen, the patient is not known.

# %%
trade = lab["phantom"].query("section == 'anonymity'")
trade = trade.pivot_table(index=["of", "share"], columns="metric", values="value")
figure, panel = plt.subplots(figsize=(5, 3.2), layout="constrained")
for place, (name, line) in enumerate(trade.groupby("of")):
    panel.plot(line["re-identified"], line["classifier's AUC"], **drawing.series(place), label=name)
panel.set(xlabel="radiographs known again", ylabel="AUC of the classifier")
panel.set_title("Phantom, full laboratory")
panel.legend()
plt.show()

# %% [markdown]
# **Question.** "projection, labels kept" reaches the corner: few are known again, and the AUC is *higher* than on the
# untouched images. Is that the solution?
# <details><summary>Answer</summary>
#
# No. That method is told the true label and paints it into the new picture, so the classifier reads the answer off.
# Such a picture is safe to show and useless to diagnose: the finding in it is no longer the patient's.
# </details>
#
# ## 6. The notes' sentences, tried
#
# By rules stated before the runs, on the phantom and on a subset of real radiographs
# ([the page](../../reports/phantom/gan_notes/laboratory.md) has rules and numbers):

# %%
claims = loader.claims("gan_notes")
asked = {kind: table.query("section == 'claims'").set_index("of") for kind, table in lab.items()}
verdicts = {kind: table["metric"] for kind, table in asked.items()}
pd.set_option("display.max_colwidth", None)
pd.DataFrame(verdicts).rename(lambda name: claims[name].statement).rename_axis("the notes say")

# %% [markdown]
# "Not shown" is an honest answer: the interval holds both yes and no, and more data or more runs would be needed.
#
# ## Now on the real data
#
# ```
# make gan_notes DATA=/folder/above/it     # the laboratory on your NIH release
# make gan_notes                           # the same on the phantom: 12 minutes
# xray-keras screen generated/ --against training/ --held-out others/ -o screened.csv
# ```
#
# The last one screens pictures of any generator, yours too.
