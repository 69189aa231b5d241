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
# # Text or no text: a small network learns from a large one
#
# M. Zhao, R.-Q. Wang, F. Yin, X.-Y. Zhang, L.-L. Huang, J.-M. Ogier, *Fast Text/non-Text Image Classification with
# Knowledge Distillation*, ICDAR 2019.
#
# Does a photograph show text? A large network, the **teacher**, knows but is slow. A tiny one, the **student**, is fast
# but learns badly from labels alone. The paper lets the student learn from the teacher: its answers (soft labels), its
# features (an adversary), and for a start which of its neurons are active (activation boundaries).
#
# This notebook looks at each of these on pictures that are computed (a **phantom** of street scenes: only trends can be
# compared). It takes about a minute on two cores and downloads nothing.

# %%
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib import pyplot as plt
from PIL import Image
from sklearn.metrics import roc_auc_score

import xray_keras
from xray_keras.datasets import outlines, region_labels
from xray_keras.datasets.rendered.text import Rendered
from xray_keras.evaluation import stopwatch
from xray_keras.losses import distillation
from xray_keras.models import (
    any_region,
    region_autoencoder,
    region_head,
    text_student,
    text_teacher,
    weights,
)
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.textfilter.draw import outlined
from xray_keras.textfilter.network import Network

# %matplotlib inline
REPORTS = Path(xray_keras.__file__).parents[1] / "reports"
WIDTH, HEIGHT = 160, 112  # pixels; the paper's pictures have a short edge of 256

# %% [markdown]
# ## The pictures
#
# Walls, streets, landscapes and rooms, half of them with words in real fonts, seen at an angle. Boards, arrows and bars
# stand in both halves, so that the writing alone gives a picture away.

# %%
rendered = Rendered(seed=31)
manifest = rendered.manifest(600).query("width > height").reset_index(drop=True)
originals = [Image.fromarray(rendered.picture(row)) for row in manifest.itertuples()]
small = [picture.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR) for picture in originals]
pictures = np.stack([np.asarray(picture) for picture in small])
text = manifest["Text"].to_numpy()
test = (manifest["official_split"] == "test").to_numpy()
print(f"pictures {pictures.shape}; {text.sum()} with text; {test.sum()} to test on")
some = [*np.flatnonzero(text == 1)[:4], *np.flatnonzero(text == 0)[:4]]
figure, panels = plt.subplots(2, 4, figsize=(7, 2.9))
for panel, k in zip(panels.flat, some, strict=True):
    panel.imshow(originals[k])
    panel.set_title("text" if text[k] else "no text")
    drawing.pictures_only(panel)
figure.tight_layout()
plt.show()

# %% [markdown]
# ## 34 regions: the labels
#
# A word may be small. So a picture is cut into 5 × 5 and once more into 3 × 3 regions, 34 in all, and each gets a label
# of its own: text where the words cover at least 1 % of it (`region_labels.label`). The picture shows text as soon as
# one of its regions does.

# %%
every = [outlines.from_text(written) for written in manifest["outlines"]]
sizes = zip(every, manifest["width"], manifest["height"], strict=True)
labels = np.stack([region_labels.label(words, width, height) for words, width, height in sizes])
print(f"labels {labels.shape}; with text: {labels.mean():.0%} of all regions")
k = int(np.argmax((labels.sum(axis=1) > 4) & (labels.sum(axis=1) < 12)))
coarse = np.arange(34) >= 25  # 5 × 5 come first, row by row, then 3 × 3
figure, panels = plt.subplots(1, 2, figsize=(5.6, 2.1))
for panel, shown, title in zip(panels, (~coarse, coarse), ("5 × 5", "3 × 3"), strict=True):
    panel.imshow(outlined(np.asarray(originals[k]), np.where(shown, labels[k], 0), threshold=0.5))
    panel.set_title(title)
    drawing.pictures_only(panel)
plt.show()

# %% [markdown]
# ## The teacher, step by step
#
# VGG16's thirteen convolutions, at two scales. The maps of the last two convolutions are pooled to 5 × 5 and to 3 × 3
# means, and equal sizes are added. A linear map makes a **feature** of 1280 numbers of each region, and one small
# classifier turns each feature into a probability.

# %%
backbone = weights.load_backbone("vgg16", weights="random", input_shape=(HEIGHT, WIDTH, 3))
names = (*(f"block{number}_pool" for number in (1, 2, 3, 4)), "block5_conv2", "block5_conv3")
maps = {name: backbone.get_layer(name).output for name in names}
for name, each in maps.items():
    print(f"{name:13} {each.shape}")
for grid in region_head.GRIDS:
    pooled = [region_head.pool(maps[name], grid, f"{name}_{grid}") for name in names[-2:]]
    added = region_head.rows(pooled[0] + pooled[1])
    features = keras.layers.Dense(text_teacher.DIMENSION)(added)
    print(f"{grid} × {grid}: pooled {pooled[0].shape}, added {added.shape}, features {features.shape}")

# %% [markdown]
# `text_teacher.build` is this network. Its weights are random here; `weights="imagenet"` fetches VGG16's once.

# %%
teacher = text_teacher.build(weights="random")
answer = teacher(np.zeros((1, HEIGHT, WIDTH, 3), np.float32))
print({name: tuple(each.shape) for name, each in answer.items()}, f"{teacher.count_params():,} parameters")

# %% [markdown]
# ## The student, step by step
#
# Six small convolutions, three of them with stride 2. The fifth map is pooled to 5 × 5, the sixth to 3 × 3, and nothing
# is added: both are 32 channels wide and share one linear map into the *teacher's* space of 1280 numbers.

# %%
x = keras.Input((HEIGHT, WIDTH, 3))
for number, (channels, stride) in enumerate(zip(text_student.CHANNELS, text_student.STRIDES, strict=True), 1):
    x = keras.layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(scale=False)(x))
    print(f"convolution {number}, stride {stride}: {x.shape}")
    if number >= 5:
        grid = region_head.GRIDS[number - 5]
        print(f"pooled to {grid} × {grid}: {region_head.pool(x, grid, f'student{grid}').shape}")

# %%
student = text_student.build()
large, little = (sum(int(np.prod(v.shape)) for v in each.trainable_weights) for each in (teacher, student))
printed = loader.table("zhao2019", "table1")
of_teacher, of_student = (printed.number(f"{who} Network", "Params") for who in ("Teacher", "Student"))
print(f"trained parameters: {large:,} / {little:,} = {large / little:.0f}")
print(f"printed:            {of_teacher} / {of_student} = {of_teacher.value / of_student.value:.0f}")

# %% [markdown]
# The paper's figures with the layers' widths are lost in our copy. The library takes widths that give exactly the two
# printed numbers of parameters; others would, too (`reports/audit/zhao2019.md`).
#
# ## Soft labels
#
# A hard label says *text* or *none*. A teacher says 0.97, or 0.4 where a word only just reaches into a region, or where
# a fence looks like letters. The student's loss is the cross-entropy with these numbers for targets (Equation 3).
#
# The paper's teacher needs ImageNet's weights and minutes of training. **Our stand-in** is the text filter that comes
# with the library: itself a student of such a teacher, which has seen thousands of other pictures of this kind. For
# soft labels it does not matter how large a teacher is, only what it knows.

# %%
expert = Network()
edge = expert.short_edge
seen = [picture.resize((edge * WIDTH // HEIGHT, edge), Image.Resampling.BILINEAR) for picture in originals]
soft = np.stack([expert.regions(np.asarray(picture)) for picture in seen])
area = roc_auc_score(text[test], any_region.probability(soft[test]))
print(f"soft labels {soft.shape}; AUC of the teacher on the test pictures {area:.3f}")
print("the picture above, hard and soft, 3 × 3:")
print(np.hstack([labels[k, 25:].reshape(3, 3), soft[k, 25:].reshape(3, 3)]).round(2))

# %% [markdown]
# Equation 3 by hand, for a picture of two regions, then by the library:

# %%
taught, own = np.array([0.9, 0.2]), np.array([0.6, 0.3])
by_hand = -np.mean(taught * np.log(own) + (1 - taught) * np.log(1 - own))
least = -np.mean(taught * np.log(taught) + (1 - taught) * np.log(1 - taught))
library = float(distillation.soft_regions(taught[None], own[None])[0])
print(f"by hand {by_hand:.4f}, library {library:.4f}; where both agree it is {least:.4f}, not 0")

# %% [markdown]
# ## Activation boundaries: Equation 1
#
# Before anything else the student learns *which* of the teacher's neurons are active, not how strongly: where the
# teacher's T is positive, the student's S shall exceed a margin u = 1, elsewhere stay below −1. What is beyond costs
# nothing; what falls short costs its square. On four neurons:

# %%
T, S = np.array([2.0, -1.0, 0.5, -3.0]), np.array([0.2, 0.3, 1.5, -2.0])
short = np.where(T > 0, np.maximum(1 - S, 0), np.maximum(1 + S, 0))
library = float(distillation.activation_boundary(T[None, None], S[None, None])[0])
print(pd.DataFrame({"teacher": T, "student": S, "falls short by": short, "costs": short**2}))
print(f"sum {np.sum(short**2):.2f}, library {library:.2f}")
neuron = np.linspace(-3, 3, 200)
figure, panel = plt.subplots(figsize=(4.5, 2.4))
panel.plot(neuron, np.maximum(1 - neuron, 0) ** 2, drawing.DASHES[0], label="teacher active")
panel.plot(neuron, np.maximum(1 + neuron, 0) ** 2, drawing.DASHES[1], label="teacher silent")
panel.set(xlabel="the student's neuron S", ylabel="cost", ylim=(-0.3, 9))
panel.legend()
plt.show()

# %% [markdown]
# **Question.** The paper prints the indicator of Equation 1 as 0 where T is positive and 1 elsewhere. What would a
# student learn that way?
# <details><summary>Answer</summary>
#
# The opposite: to be active where the teacher is silent. It must be a slip, for the method that the paper cites has it
# the other way round; the library follows that, and the audit says so.
# </details>
#
# ## The adversary: Equations 4 to 6
#
# To bring the student's features near the teacher's, a **discriminator** learns to tell them apart. As in BEGAN it is
# an autoencoder D: it learns to reconstruct the teacher's features T well and the student's S badly; the student learns
# features that D reconstructs well. A control k says how much D cares about the student: it grows while the error on S
# is below n = 0.75 times the error on T, and shrinks while it is above.

# %%
discriminator = region_autoencoder.build(dimension=text_teacher.DIMENSION)
print(" → ".join(str(layer.output.shape[1:]) for layer in discriminator.layers))
for real, fake in ((0.8, 0.4), (0.8, 0.6), (0.8, 0.9)):  # |D(T) − T| and |D(S) − S|
    k_next = float(distillation.next_k(0.5, np.float32(real), np.float32(fake), rate=1e-3, ratio=0.75))
    loss = distillation.discriminator(np.float32(real), np.float32(fake), 0.5)
    print(f"real {real}, fake {fake}: D's loss with k = 0.5 is {loss:.2f}; k becomes {k_next:.5f}")
total = distillation.student(np.float32(0.45), np.float32(0.6))
print(f"the student's loss, from 0.45 of soft labels and |D(S) − S| = 0.6: {total:.2f} (Equation 2, b = 0.2)")

# %% [markdown]
# ## Hard against soft
#
# Two students, alike to the last random weight, on the same two hundred pictures: one learns the labels, one the
# teacher's answers. Eight epochs each.


# %%
def learn(targets: np.ndarray, loss: Callable) -> np.ndarray:
    """Train a student on the training pictures; its regions of all pictures, (N, 34)."""
    keras.utils.set_random_seed(0)
    network = text_student.build(batch_norm_momentum=0.9)
    network = keras.Model(network.input, network.output["regions"])
    steps = 8 * -(-int((~test).sum()) // 8)
    network.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), loss)
    x = pictures.astype(np.float32)
    network.fit(x[~test], targets[~test], batch_size=8, epochs=8, verbose=0)
    return network.predict(x, verbose=0)


found = {"hard labels": learn(labels, distillation.hard_regions)}
found["soft labels"] = learn(soft, distillation.soft_regions)
found["teacher"] = soft
table = {}
for name, regions in found.items():
    whole = roc_auc_score(text[test], any_region.probability(regions[test]))
    table[name] = {"pictures": whole, "regions": roc_auc_score(labels[test].ravel(), regions[test].ravel())}
pd.DataFrame(table).transpose().rename_axis("AUC on test pictures").round(3)

# %% [markdown]
# One pair of students proves little. The full runs have three seeds, more pictures, VGG16 for a teacher, and all of
# Table II's students (`value` ± `sd` over seeds; what is printed is of other pictures):

# %%
full = {kind: pd.read_csv(REPORTS / kind / "zhao2019" / "table2.csv") for kind in ("phantom", "subset")}
both = pd.concat(full, names=["data", "line"]).query("metric in ('F-measure', 'AUC')")
both = both.set_index(["row", "metric"], append=True).droplevel("line")[["printed", "value", "sd"]]
both.round(3).fillna("–")

# %% [markdown]
# **Question.** Here soft labels help a lot. In the full runs on the phantom they add nothing to hard labels. Why may
# that be?
# <details><summary>Answer</summary>
#
# Here the teacher has seen more than ten times as many pictures as its student, and hands that on. There both learn
# from the same pictures, whose labels are exact, for they are computed: the teacher's answers hold little that the
# labels do not. A single seed can deceive as well: look at `sd`.
# </details>
#
# ## What the student sees: Figure 5
#
# Four test pictures: with text, the surest and the least sure; without text, the most and the least suspicious. Thick
# blue outlines are 3 × 3 regions above one half, thin orange ones 5 × 5.

# %%
regions = found["soft labels"]
score = np.asarray(any_region.probability(regions))
of = {1: np.flatnonzero(test & (text == 1)), 0: np.flatnonzero(test & (text == 0))}
chosen = [of[shown][choose(score[of[shown]])] for shown in (1, 0) for choose in (np.argmax, np.argmin)]
figure, panels = plt.subplots(2, 2, figsize=(5.6, 3.9))
for panel, k in zip(panels.flat, chosen, strict=True):
    panel.imshow(outlined(np.asarray(originals[k]), regions[k], any_region.THRESHOLD))
    panel.set_title(f"{'text' if text[k] else 'no text'}: {score[k]:.2f}")
    drawing.pictures_only(panel)
figure.tight_layout()
plt.show()

# %% [markdown]
# ## How much faster?
#
# Both networks look at one picture, in turns, so that whatever else the machine does meets both alike. Trained weights
# would take as long as random ones. Only a *ratio* can be compared between machines, and it changes with the size of
# the picture, the framework and the threads. The table below is from our full runs, at the paper's size.

# %%
shown = tf.constant(pictures[:1], tf.float32)
slow, fast = tf.function(teacher), tf.function(student)
calls = {"teacher": lambda: slow(shown)["regions"].numpy(), "student": lambda: fast(shown)["regions"].numpy()}
turns = stopwatch.measure(calls, seconds=5)
ratios = stopwatch.ratios(turns["teacher"], turns["student"])
print(f"this machine, {WIDTH} × {HEIGHT}: {np.median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f})")
for device in ("CPU", "GPU"):
    spent = [printed.number(f"{who} Network", f"Time Cost ({device})") for who in ("Teacher", "Student")]
    print(f"printed, {device}: {spent[0]} / {spent[1]} = {spent[0].value / spent[1].value:.1f}")
times = pd.read_csv(REPORTS / "phantom" / "zhao2019" / "table1.csv")
times = times.query("metric == 'ratio' and size == 'same' and row == 'Teacher Network / Student Network'")
times[["row", "framework", "value", "low", "high"]].round(1)

# %% [markdown]
# **Question.** The student has nearly two hundred times fewer parameters. Why is it not as many times faster, and why
# hardly at all on the paper's GPU?
# <details><summary>Answer</summary>
#
# Time goes with multiplications and memory traffic, not with parameters: a convolution uses each of its weights at
# every place of a large map. And a GPU does a small network's arithmetic in less time than it takes to start each of
# its layers.
# </details>
#
# ## Now on the real data
#
# Put TextDis into a folder, or MSRA-TD500 and photographs without text; `xray-keras data` says where to get them and
# under which terms. Then, in the repository:
# ```
# make zhao2019 DATA=/folder/above/them          # every table and figure
# make zhao2019-table2 DATA=/folder/above/them   # one of them
# ```
# Without `DATA` the same commands render pictures. And for pictures of your own, the filter that taught above:
# ```
# xray-keras textfilter photographs/ --out hits.csv --draw drawings/
# ```
