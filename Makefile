# What a user types. Every arrow of the data's way is one pattern rule below; who depends on whom is computed by
# `xray-keras plan` from experiments/ into build/*.mk. Works with GNU make 3.81, which macOS ships.

DATA      ?=
SCALE     ?= demo
VARIANT   ?= sound
PRECISION ?=
SEED      ?= 0
TF        ?= cpu
# At demo scale what is on disk is used and counted; a table at paper scale needs every image, or a clear word.
MISSING   ?= $(if $(filter demo,$(SCALE)),skip,error)

# Who does the stages: make itself, or a Ray cluster, which make asks for each.
ENGINE    ?= make

# Runs side by side: small networks cannot fill two cores, and half of a short run is start-up. A cluster says itself
# how many go at once; make may ask for as many.
JOBS      ?= $(if $(filter ray,$(ENGINE)),100,$(if $(filter demo-cpu,$(SCALE)-$(TF)),2,1))
ifneq ($(JOBS),1)
MAKEFLAGS += -j$(JOBS)
export TF_NUM_INTRAOP_THREADS ?= $(shell n=$$(( $$(getconf _NPROCESSORS_ONLN) / $(JOBS) )); echo $$(( n > 1 ? n : 1 )))
export TF_NUM_INTEROP_THREADS ?= $(TF_NUM_INTRAOP_THREADS)
endif

# Networks that one process trains in one pass over their images, where only their finding differs. It changes no
# number. It saves start-ups, and its steps take somewhat longer: for trainings of a few epochs, see `make bench`.
TOGETHER  ?= 1

# Whether trainings write their histories for TensorBoard as well; determines no number.
TENSORBOARD ?=
export XRAY_KERAS_TENSORBOARD ?= $(TENSORBOARD)

# Devices of this machine that a training is spread over; determines numbers, and environment.json names it.
DEVICES     ?=
export XRAY_KERAS_DEVICES ?= $(DEVICES)

# Of the cluster, and what each of its tasks asks for; empty: by the scale.
RAY_ADDRESS ?=
CPUS        ?=
GPUS        ?= $(if $(filter gpu,$(TF)),1)
MEMORY      ?=
RETRIES     ?= 3

VENV  := .venv
XRAY  := $(VENV)/bin/python -m xray_keras
EMPTY :=
SPACE := $(EMPTY) $(EMPTY)
PLAN  := build/plan$(subst $(SPACE),_,$(subst /,_,$(DATA)))-$(SCALE)-$(VARIANT)-$(PRECISION)-$(SEED)-$(MISSING).mk

.DELETE_ON_ERROR:
# Whole whatever happens, and made in one recipe: where prediction fails or is stopped, the training stays.
.PRECIOUS: runs/%/model.keras runs/%/predictions.parquet
.SECONDARY:
.SUFFIXES:
.PHONY: FORCE

.DEFAULT:
	@echo "There is no target $@, and no such file; make help lists the targets" >&2; exit 2

help:
	@awk 'BEGIN { FS = " *## *" } /^## / { print substr($$0, 4) }' $(MAKEFILE_LIST)

## What do you want?
##   make table2                    Table II of ali2019 on the phantom (about 13 minutes on two cores)
##   make table2 DATA=/my/datasets  the same on your NIH ChestX-ray14 (in /my/datasets/nih-chestxray14)
##   make figure2  make figure3     loss and F1 curves, with and without augmentation
##   make table3                    the binary CNNs with and without images of InfoGANs; table1, figure4, quality of them
##   make ali2019                   every table and figure of that paper
##   make minaee2020                Deep-COVID: Tables I to VI, Figures 2 to 12
##   make minaee2020-table6         one of them; every paper's artefacts are named so
##   make cohen2019                 Chester: Table 1, Figures 3 to 8, out-of-distribution and explanation scores
##   make cohen2019-page            its page in your Chromium: Figures 1, 2 and 9, times (IMAGES=folder: your images)
##   make gan_notes                 the laboratory: augmentation, privacy, anonymity with generated images (12 minutes)
##   make zhao2019                  text or no text: Tables I and II, Figures 2 to 5, shortcuts (12 minutes)
##   make networks                  figures of the networks, drawn from what the code builds (no data, a minute)
##   make audit                     do the papers' printed numbers hold together? (seconds, no training)
##   make doctor                    is this machine in order, and what to do where not
##   make test                      every check: ruff, mypy, import contracts, pip check, pytest
##   make vulnerabilities           known weaknesses of the locked packages (asks PyPI)
##   make fuzz                      hostile files for every reader: 10,000 of each kind (a night; CASES=100 SEED=0 fewer)
##   make weights                   fetch and verify the ImageNet weights
##   make bench-web                 how fast the page is, beside TensorFlow.js (a Chromium, npm; two minutes)
##   make web-runtime               fetch and verify ONNX Runtime Web, which computes on the page (npm)
##   make text-filter               train what `xray-keras textfilter` comes with anew (half an hour)
##   make jupyter                   the notebooks, copied to my-notebooks, in JupyterLab (installs it)
##   make notebooks                 run them all and keep their outputs (some minutes)
##   make report                    reports/index.html: a page a paper, from what has been run (seconds)
##   make verify-repeatable         small runs twice in fresh processes: the same bits? (some minutes)
##   make faults                    stages killed, disks filled, files cut 100 times: the same numbers? (half an hour)
##   make bench                     how fast each stage is, beside a named peer: reports/bench.md (some minutes)
##   make paper-scale               what SCALE=paper costs: reports/paper_scale.md (half an hour of a core)
##   make readme                    copy the results from reports/ into README.md
##   make clean                     delete runs and caches (reports stay)
## Settings
##   SCALE=demo|paper       sizes for two cores (default), or every setting as printed
##   VARIANT=sound|paper|official   split by patient (default), the paper's own by image, the release's lists;
##                          code (minaee2020, InfoGAN): as the published code trains; printed (InfoGAN): 40 inputs
##   PRECISION=mixed_bfloat16 for every run (default: each run's own)   SEED=0   TF=cpu|gpu   MISSING=error|skip (images listed but not on disk)
##   JOBS=2                 runs side by side (JOBS=1 shows a bar for each epoch)
##   TOGETHER=7             so many networks in one pass over their images, with the same numbers (default: each alone)
##   ENGINE=ray             the runs as tasks of a Ray cluster, retried where a node fails; RAY_ADDRESS=host:6379 names it,
##                          CPUS= GPUS= MEMORY= (gigabytes) are of a task, RETRIES=3 (README, reports/paper_scale.md)
##   DEVICES=2              a training of a supervised network on several GPUs of this machine at once (MirroredStrategy)
##   TENSORBOARD=1          curves of every training, epoch by epoch, in <run>/tensorboard (tensorboard --logdir runs)
## Not for diagnosis.

# ---- set-up ---------------------------------------------------------------------------------------------------

# The first Python from 3.11 to 3.13 that answers; a name may exist and still not run.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

INSTALLED := $(VENV)/installed-$(TF)
OTHER     := $(if $(filter gpu,$(TF)),cpu,gpu)
# pip compares every file with the lock's hash; the suite itself has none, so it follows, bringing nothing along.
PIP       := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

$(INSTALLED): setup.cfg locks/$(TF).txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found; install one, or say make PYTHON=/path/to/python"; exit 2; }
	@test ! -e $(VENV)/installed-$(OTHER) || { \
	  echo "$(VENV) holds TensorFlow for TF=$(OTHER), and the two cannot share a folder; delete $(VENV) and run again"; exit 2; }
	@echo "Installing the pinned packages into $(VENV): one to three minutes, 2 GB"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r locks/$(TF).txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED)-dev: $(INSTALLED) locks/dev.txt
	@$(PIP) --require-hashes -r locks/dev.txt
	@touch $@

$(INSTALLED)-ray: $(INSTALLED) locks/ray.txt
	@$(PIP) --require-hashes -r locks/ray.txt
	@touch $@

# ---- the way of the data --------------------------------------------------------------------------------------

runs/%/manifest.csv: runs/%/population.json
	@$(XRAY) manifest runs/$*

runs/%.cached:
	@$(XRAY) cache $(@D) --size $(notdir $*) $(if $(filter skip,$(MISSING)),--skip-unreadable)
	@touch $@

runs/%/metrics.json: runs/%/predictions.parquet
	@$(XRAY) evaluate runs/$*

runs/%/ood.parquet: runs/%/model.keras
	@$(XRAY) ood runs/$*

runs/%/explanations.parquet: runs/%/model.keras
	@$(XRAY) explain runs/$*

runs/%/quality.json: runs/%/model.keras
	@$(XRAY) quality runs/$*

runs/%/privacy.json: runs/%/model.keras
	@$(XRAY) privacy runs/$*

runs/%/deidentified.parquet: runs/%/model.keras
	@$(XRAY) deidentify runs/$*

runs/%/attacks.parquet: runs/%/model.keras
	@$(XRAY) attack runs/$*

runs/%/shortcuts.json: runs/%/predictions.parquet
	@$(XRAY) shortcuts runs/$*

runs/%/speed.json: | $(INSTALLED)
	@$(XRAY) speed runs/$*

# The page in a real browser, with the gate that was trained beside the classifier.
runs/%/chexnet/browser.json: runs/%/chexnet/metrics.json runs/%/ali/ood.parquet runs/%/chexnet/ood.parquet | $(INSTALLED)-dev
	@$(XRAY) browse runs/$*/chexnet --gate runs/$*/ali $(if $(IMAGES),--images $(IMAGES))

# Figures of architectures: drawn from what the code builds, without data or weights. Before the rule of all figures,
# for make 3.81 takes the first that fits.
ARCHITECTURES := ali2019/figure1 minaee2020/figure3 minaee2020/figure4 minaee2020/figure5 \
                 zhao2019/figure2 zhao2019/figure3 zhao2019/figure4
DRAWN_FROM := $(wildcard xray_keras/models/*.py xray_keras/training/architectures.py xray_keras/reporting/networks/*.py \
              $(addsuffix *.py,$(sort $(dir $(ARCHITECTURES:%=experiments/%)))))
reports/networks/%.png: $(DRAWN_FROM) | $(INSTALLED)
	@$(XRAY) architecture $* -o reports/networks/$*

define named
.PHONY: $(subst /,-,$(1)) $(patsubst %/,%,$(dir $(1)))
$(subst /,-,$(1)) $(patsubst %/,%,$(dir $(1))): reports/networks/$(1).png
endef
$(foreach figure,$(ARCHITECTURES),$(eval $(call named,$(figure))))
.PHONY: networks figure1
networks: $(ARCHITECTURES:%=reports/networks/%.png)
figure1: ali2019-figure1

reports/%.md:
	@$(XRAY) table $(ARTEFACT) -o reports/$* $(patsubst %/,%,$(dir $^))

reports/%.png:
	@$(XRAY) figure $(ARTEFACT) -o reports/$* $(patsubst %/,%,$(dir $^))

# Targets that need no plan of the runs.
PLANLESS := help test lint types contracts packages unit lock vulnerabilities clean weights readme report audit \
            fuzz bench-web web-runtime doctor text-filter networks notebooks jupyter verify-repeatable faults bench \
            paper-scale

# The plan is made anew each time, in a fraction of a second; files change only where their content does.
$(PLAN): FORCE | $(INSTALLED)
	@$(XRAY) plan $@ --data "$(DATA)" --scale $(SCALE) --variant $(VARIANT) --precision "$(PRECISION)" \
	  --seed $(SEED) --missing $(MISSING) --together $(TOGETHER)

PLANNED := $(filter-out $(PLANLESS),$(MAKECMDGOALS))
# Not as $(MAKE), by which `make -n` would know a make below and run it.
ONCE_MORE = $(MAKE)
ifneq ($(PLANNED),)
ifeq ($(ENGINE),ray)
.PHONY: $(PLANNED) on-ray
$(PLANNED): on-ray
on-ray: | $(INSTALLED)-ray
	@$(VENV)/bin/python -m xray_keras.cluster --xray "$(XRAY)" --address "$(RAY_ADDRESS)" --cpus "$(CPUS)" \
	  --gpus "$(GPUS)" --memory "$(MEMORY)" --retries "$(RETRIES)" \
	  -- $(ONCE_MORE) -k $(MAKEOVERRIDES) ENGINE=make JOBS=$(JOBS) $(PLANNED)
else
include $(PLAN)
endif
endif

# Two arrows, one process: start-up would be half of a short run. `xray-keras predict` repeats the second alone.
# After the plan, whose rules train several runs in one pass: make 3.81 takes the first that fits.
runs/%/model.keras runs/%/predictions.parquet: runs/%/config.json
	@$(XRAY) train runs/$* --predict

.PHONY: $(PLANLESS)
# What `xray-keras textfilter` comes with, from the default data; with DATA its card says how it does on photographs.
FILTER := runs/phantom-demo/filter/zhao2019/student
text-filter: | $(INSTALLED)
	@env -u TF_NUM_INTRAOP_THREADS -u TF_NUM_INTEROP_THREADS \
	  $(MAKE) JOBS=1 DATA= SCALE=demo VARIANT=filter $(FILTER)/metrics.json
	@$(XRAY) export $(FILTER) -o xray_keras/textfilter/student.onnx $(if $(DATA),--measure "$(DATA)")

doctor: | $(INSTALLED)
	@$(XRAY) doctor $(if $(DATA),--data "$(DATA)")

web-runtime: | $(INSTALLED)
	@$(VENV)/bin/python -c 'from xray_keras.export import web_runtime; print(web_runtime.folder())'

bench-web: | $(INSTALLED)-dev
	@$(VENV)/bin/python -m experiments.cohen2019._benchmark_web

audit: | $(INSTALLED)
	@$(XRAY) audit

notebooks: | $(INSTALLED)-dev
	@$(VENV)/bin/python -m experiments.notebooks._render

# Copies, which a student may change: those that are kept are the suite's.
jupyter: | $(INSTALLED)
	@$(PIP) --require-hashes -r locks/notebooks.txt
	@mkdir -p my-notebooks
	@for one in experiments/notebooks/*.ipynb; do test -e my-notebooks/$${one##*/} || cp $$one my-notebooks; done
	@TF_CPP_MIN_LOG_LEVEL=2 \
	  $(VENV)/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir=my-notebooks my-notebooks/start_here.ipynb

verify-repeatable: | $(INSTALLED)
	@$(VENV)/bin/python -m experiments._verify_repeatable

faults: | $(INSTALLED)-dev
	@$(VENV)/bin/python -m tests.faults --trials 100 --seed $(SEED)

# One thread each, so that ratios are those of a core.
bench: | $(INSTALLED)
	@$(PIP) --require-hashes -r locks/bench.txt
	@TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 $(VENV)/bin/python -m experiments._bench

paper-scale: | $(INSTALLED)
	@$(VENV)/bin/python -m experiments._paper_scale

report: | $(INSTALLED)
	@$(XRAY) report

readme: | $(INSTALLED)
	@$(XRAY) readme

weights: | $(INSTALLED)
	@$(XRAY) weights --fetch all

# ---- checks ---------------------------------------------------------------------------------------------------

test: lint types contracts packages unit

lint types contracts packages unit: | $(INSTALLED)-dev

lint:
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types:
	$(VENV)/bin/mypy

contracts:
	$(VENV)/bin/lint-imports

# What is installed goes together.
packages:
	$(VENV)/bin/python -m pip check

# Two workers of one thread each; a file stays with one worker, which keeps its fixtures; the order is tests/conftest.py's.
unit:
	TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 \
	  $(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Ten thousand mutations a reader; `python -m tests.fuzz --help` says how to give one reader more, or to see a case again.
CASES ?= 10000
fuzz: | $(INSTALLED)-dev
	@$(VENV)/bin/python -m tests.fuzz --cases $(CASES) --seed $(SEED)

# constraints.txt: one version of everything, whatever is installed. locks/: the same with hashes, a file a set.
LOCKS := cpu gpu dev notebooks ray bench
lock: | $(INSTALLED)-dev
	$(COMPILE) --all-extras --output-file constraints.txt
	$(foreach set,$(LOCKS),$(COMPILE) --extra $(set) -c constraints.txt --generate-hashes --no-annotate -o locks/$(set).txt &&) true
COMPILE := $(VENV)/bin/uv pip compile --quiet setup.cfg --universal --python-version 3.11 --no-header

# Asks the advisory database of PyPI: needs the internet, so it is no part of `make test`.
vulnerabilities: | $(INSTALLED)-dev
	$(foreach set,$(LOCKS),$(VENV)/bin/uv tool run pip-audit --require-hashes --disable-pip -r locks/$(set).txt &&) true

clean:
	rm -rf runs build
