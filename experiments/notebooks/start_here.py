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
# # Start here: what a reproduction is
#
# A paper prints numbers. A **reproduction** builds the experiment behind them anew and puts its own number beside the
# printed one: on stated data, with an interval, and with every choice written down that the paper leaves open.
# Sometimes the two agree. Sometimes the printed numbers do not even agree with each other, and that can be found out
# without training anything.
#
# This notebook goes the whole way once, in about a minute:
#
# **radiographs → split by patient → network → predictions → metrics with intervals → a cell beside the printed one**
#
# Then it lets patients leak from training into the test, to see what that does, and asks a printed row for the
# confusion matrix behind it. Run a cell with Shift+Enter. Blocks headed **Question** are yours; the answers fold out.
#
# The images are computed, a **phantom**: trends can be compared on them, values cannot. The numbers
# in the text are of the run kept here; another processor rounds otherwise, and a training amplifies that.
# **Not for diagnosis.**

# %%
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import xray_keras
from xray_keras.audit import confusion
from xray_keras.audit.ali2019 import facts, recovered
from xray_keras.datasets import splits
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.evaluation import evaluate, intervals, predictions
from xray_keras.models import small_cnn
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.training import inputs

# %matplotlib inline
REPORTS = Path(xray_keras.__file__).parents[1] / "reports"
SIZE = 64  # pixels of the side

# %% [markdown]
# ## 1. The data
#
# Three lines give 2,400 radiographs of people who never lived: X-rays are followed through a chest made of simple
# bodies. The fourteen findings occur as often, and together as often, as in the NIH ChestX-ray14 release. The table
# that says who is on which image, and with what, is the **manifest**.

# %%
phantom = Phantom(seed=2019)
manifest = phantom.manifest(2400, labelled=True)  # only images with at least one finding
images = phantom.images(manifest, SIZE)
print(images.shape, images.dtype, f"{manifest['patient'].nunique()} patients")
manifest[["image", "patient", "age", "sex", "view", "Effusion", "Infiltration", "Mass"]].head()

# %% [markdown]
# A phantom can do what no clinic can: take the same picture of the same person once more, without the finding. Where
# the two differ is where the finding shows.

# %%
alone = manifest[manifest[list(FINDINGS)].sum(axis=1) == 1]  # one finding only
figure, panels = plt.subplots(2, 3, figsize=(6, 4.4), layout="constrained")
for line, finding in zip(panels, ("Effusion", "Infiltration"), strict=True):
    person = alone[alone[finding] == 1].iloc[[4]]
    ill, well = (phantom.images(rows, 160)[0] for rows in (person, person.assign(**{finding: 0})))
    mask = phantom.masks(person, 160)[0].any(axis=0)
    shown = {finding: ill, "without it": well, "where it shows": mask}
    for panel, (title, pixels) in zip(line, shown.items(), strict=True):
        panel.imshow(pixels, cmap="gray")
        panel.set_title(title, fontsize=9)
        drawing.pictures_only(panel)
plt.show()

# %% [markdown]
# ## 2. Who is trained on, who is tested on
#
# Many patients come back, some of them dozens of times. The suite's default split draws **whole patients**: nobody is
# on both sides. The middle part, validation, chooses what must not be chosen on the test: thresholds, when to stop.

# %%
split = splits.assign(manifest, "patient-80-20")
parts = manifest.assign(part=split).groupby("part", sort=False)
print(f"patients on both sides: {splits.leaked_patients(manifest['patient'], split)}")
parts.agg(
    images=("image", "size"),
    patients=("patient", "nunique"),
    most_images_of_one_patient=("patient", lambda patients: patients.value_counts().max()),
    with_effusion=("Effusion", "mean"),
).loc[list(splits.PARTS)].round(3)

# %% [markdown]
# ## 3. The network, step by step
#
# Three convolutions, each of which halves the side of the map and finds more kinds of pattern, then one weighted sum
# of everything that was found, which the *sigmoid* 1 / (1 + e⁻ˣ) makes a probability. *Batch normalisation* keeps
# what a layer passes on near mean 0 and variance 1; *dropout* silences a random part of the numbers in each step of
# training, so that none is relied on. Below by hand, with the shape after each step; then the library's function,
# which is the same. The first number of a shape, `None`, is the size of the batch.

# %%
image = keras.Input((SIZE, SIZE, 3))
h = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)  # gray levels 0 … 255 become −1 … 1
for width in (16, 32, 64):
    h = keras.layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(h)
    h = keras.layers.ReLU()(keras.layers.BatchNormalization()(h))
    print("convolution  ", h.shape)
h = keras.layers.Dropout(0.3)(keras.layers.Flatten()(h))
print("flattened    ", h.shape)
h = keras.layers.Dense(1, activation="sigmoid")(h)
print("probability  ", h.shape)
library = small_cnn.build(size=SIZE, labels=1, dropout=0.3)
numbers = keras.Model(image, h).count_params(), library.count_params()
print("parameters: {:,} by hand, {:,} in the library".format(*numbers))

# %% [markdown]
# ## 4. Training
#
# The network is to say whether a radiograph shows an **effusion**, fluid between lung and chest wall. Six passes over
# the images of the training patients. The cross-entropy is the loss that training lowers: 0.69 is that of a network
# that answers one half each time.


# %%
def trained(rows, targets, epochs, seed=0):
    """A small network, trained on these rows."""
    keras.utils.set_random_seed(seed)
    network = small_cnn.build(size=SIZE, labels=1, dropout=0.3)
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy")
    network.fit(x[rows], targets[rows], epochs=epochs, batch_size=32, verbose=0)
    return network


# %%
x = inputs.to_input(images).numpy()  # (2400, 64, 64, 3), the gray level three times
y = manifest["Effusion"].to_numpy(np.float32)[:, None]
train, validation, test = (np.flatnonzero(split == part) for part in splits.PARTS)
model = trained(train, y, epochs=6)
for part, rows in (("train", train), ("validation", validation)):
    print(f"{part:10} cross-entropy {model.evaluate(x[rows], y[rows], verbose=0):.3f}")

# %% [markdown]
# **Question.** Why is the loss on the validation patients larger, and what would more epochs do to it?
# <details><summary>Answer</summary>
#
# The network has seen the training images and begins to learn them by heart. With more epochs the training loss falls
# further, while the other one rises from some epoch on: *overfitting*. Try `epochs=15`.
# </details>
#
# ## 5. Predictions
#
# Here the network's part ends. Everything that follows reads this table, whoever made it: a model of yours from any
# framework can be scored in the same way. `y_` is the truth, `p_` the probability.

# %%
asked = np.concatenate([validation, test])
table = manifest.iloc[asked][["image", "patient"]].assign(
    split=split.iloc[asked],
    y_Effusion=y[asked, 0].astype(int),
    p_Effusion=model.predict(x[asked], verbose=0)[:, 0],
)
table.tail()

# %% [markdown]
# ## 6. Metrics, with intervals
#
# A test set is a sample: other patients would have given another number. A **95 % interval** is made so that, of a
# hundred such samples, some 95 would have an interval that holds the true value. Images of one patient resemble each
# other, so the intervals know the patients. AUC is the chance that an image with the finding gets a higher
# probability than one without; it needs no threshold. The others do: here the best one on the validation patients.
# **Accuracy** is the share of right answers, **recall** the share of the ill who are found, **precision** the share of
# those called ill who are, and **F1** the harmonic mean of these two.

# %%
scores = evaluate.evaluate(table)
effusion = scores["labels"]["Effusion"]
chosen = effusion["operating_points"]["best_f1"]
cells = {name: chosen[name] for name in ("accuracy", "recall", "precision", "f1")}
cells = {"auc": effusion["auc"], **cells}
print(f"{scores['test']}; threshold {chosen['threshold']:.2f}")
ours = pd.DataFrame({name: [cell["value"], *cell["interval"]] for name, cell in cells.items()}).T
ours.set_axis(["ours", "low", "high"], axis=1).round(3)

# %% [markdown]
# ## 7. A cell beside the printed one
#
# *ali2019* prints an AUC for effusion in its Table II, three times. Below stand: the printed value, what the suite's
# own reproduction of that row has on the phantom (read from `reports/`), and the small network of this notebook.

# %%
printed = loader.table("ali2019", "table2")
run = pd.read_csv(REPORTS / "phantom/ali2019/table2.csv", dtype={"printed": str})
run = run[(run["metric"] == "AUC") & (run["finding"] == "Effusion")].set_index("model")
lines = {
    row: [printed.number(row, "Effusion", "AUC").text, *run.loc[row, ["value", "low", "high"]].round(3)]
    for row in run.index
}
lines["small_cnn, this notebook"] = ["–", *ours.loc["auc"].round(3)]
pd.DataFrame(lines, index=["printed", "phantom", "low", "high"]).T

# %% [markdown]
# **Question.** All of ours are far above the printed values. Have we beaten the paper?
# <details><summary>Answer</summary>
#
# No. The phantom's effusions are cleaner than those of sick people, and its labels are never wrong; the NIH's were read
# by a program from reports. What can be compared is the order of the rows, and even that carefully. That is why each
# page of the suite says on which data it stands, and why only a run on the complete release is compared cell by cell.
# </details>
#
# ## 8. What an interval is worth
#
# The same network, the same predictions, but fewer test patients:

# %%
tested = predictions.rows(table, "test")
patients = tested["patient"].unique()
figure, panel = plt.subplots(figsize=(4.5, 2.6), layout="constrained")
for place, count in enumerate((20, 40, 80, len(patients))):
    some = tested[tested["patient"].isin(patients[:count])]
    truth, scores = some["y_Effusion"].to_numpy(), some["p_Effusion"].to_numpy()
    area = intervals.auc(truth, scores, predictions.clusters(some))
    panel.plot([place, place], area.interval, color=drawing.COLOURS[0])
    panel.plot(place, area.value, "o", color=drawing.COLOURS[0])
    low, high = area.interval
    print(f"{count:4} patients, {len(some):4} images: AUC {area.value:.3f} [{low:.3f}–{high:.3f}]")
panel.set(xticks=range(4), xticklabels=[20, 40, 80, len(patients)], xlabel="test patients", ylabel="AUC")
plt.show()

# %% [markdown]
# **Question.** A paper reports an AUC of 0.95 on 40 patients, another one of 0.91 on 400. Which is better?
# <details><summary>Answer</summary>
#
# You cannot know without intervals, and probably not with them: that of 40 patients reaches from below the other value
# to nearly 1. To compare two models, test both on the *same* patients and look at the interval of the difference.
# </details>
#
# ## 9. Why patients must not be on both sides
#
# Many papers split by image. Then a network may know a test patient already: the build, the heart, an old scar, and
# what was found the last time. Here is a fair trial with *infiltrations*, which are faint. One split by image gives
# one test set. Two training sets of equal size are made for it: one without any patient of the test, one drawn
# from everything that a split by image allows.

# %%
faint, trials = manifest["Infiltration"].to_numpy(np.float32)[:, None], []
for seed in range(3):
    by_image = splits.assign(manifest, "image-80-20", validation=0, seed=seed).to_numpy()
    rows, learned = np.flatnonzero(by_image == "test"), np.flatnonzero(by_image == "train")
    apart = learned[~manifest["patient"].iloc[learned].isin(manifest["patient"].iloc[rows])]
    leaking = np.random.default_rng(seed).choice(learned, len(apart), replace=False)
    p = [trained(part, faint, 8, seed).predict(x[rows], verbose=0)[:, 0] for part in (leaking, apart)]
    truth, clusters = faint[rows, 0], predictions.clusters(manifest.iloc[rows])
    aucs = [intervals.auc(truth, scores, clusters).value for scores in p]
    gain = intervals.auc_difference(truth, *p, clusters)
    trials.append([len(apart), *aucs, gain.value, *gain.interval])
names = ["images learned from", "AUC, patients leak", "AUC, patients apart", "difference", "low", "high"]
pd.DataFrame(trials, columns=names, index=[f"draw {seed + 1}" for seed in range(3)]).round(3)

# %% [markdown]
# In the run kept here the leaking training set scores higher in every draw, with the same number of images and the same
# test. A *new* patient gains nothing by that. Most intervals of a single draw still hold 0: one run on a few hundred
# images proves little, and several that point the same way say more.
#
# **Question.** Put `"Effusion"` in the place of `"Infiltration"`. Does the leak matter as much?
# <details><summary>Answer</summary>
#
# Less, and in some draws not at all. An effusion is easy to see, so the network looks at the finding. Where the finding
# is faint, recognising the patient is an easier way to a good score: a *shortcut*.
# </details>
#
# ## 10. The audit: what a printed row gives away
#
# No training here. *ali2019* prints neither its split nor the size of its test set. But accuracy, recall, precision and
# F1 are made of four whole numbers, the **confusion matrix**, and few of those round to what is printed. Below, the
# solver looks for all of them; then, for each size of the test set, on how many of the fourteen findings any exists.

# %%
print("printed:", row := facts.row("PretrainedVGG16", "Effusion"))
for n in (10_351, 10_352, 10_353):
    found = confusion.solve(row, n=n)
    print(f"n = {n:,}, confusion matrices: {found.count}", *found, found.conflict or "")
sizes = np.arange(10_340, 10_365)
fitting = [recovered.fits("PretrainedVGG16", int(n), "rounded") for n in sizes]
figure, panel = plt.subplots(figsize=(6, 2.4), layout="constrained")
panel.bar(sizes, fitting, color=drawing.COLOURS[0])
panel.set(xlabel="size of the test set", ylabel="findings that fit", ylim=(0, 14))
plt.show()
labelled = recovered.labelled()
print(f"labelled images of the release: {labelled:,}; a fifth of them: {labelled / 5:,.1f}")

# %% [markdown]
# Of all ways to fill a confusion matrix of 10,352 images exactly one prints so. With one image fewer or more there is
# none: no count of right answers gives that accuracy. All fourteen findings agree on one size, and it is a fifth of the
# labelled images. From the positives in those matrices the audit goes on to conclude that the split was drawn by image,
# not by patient ([its page](../../reports/audit/ali2019.md)); section 9 shows what that may do.
#
# **Question.** Change the last digit of the recall and solve again. What does `conflict` tell you?
# <details><summary>Answer</summary>
#
# `confusion.solve(row | {"recall": "0.75178"}, n=10_352)` finds nothing. Its `conflict` names a smallest set of metrics
# that no confusion matrix prints together: one of them is misprinted, or n is another.
# </details>
#
# ## Now on the real data
#
# The suite does all of this with one command a table. Unpack the NIH release into a folder `nih-chestxray14`, then
#
# ```
# make table2 DATA=/folder/above/it        # your radiographs, at sizes for two cores
# make table2                              # the same on the phantom: some 13 minutes
# make audit                               # every printed number of five documents: seconds
# ```
#
# Go on with the notebook of a paper: `ali2019`, `minaee2020`, `cohen2019`, `zhao2019` or `gan_notes`.
