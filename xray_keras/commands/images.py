"""Pictures of the user's own: examined, filtered by whether they show text, screened for copies."""

import argparse
from pathlib import Path

from xray_keras import experiment, files
from xray_keras.commands.verb import (
    Verbs,
    add_json,
    folder,
    import_tensorflow,
    print_json,
    words_aside,
)
from xray_keras.errors import UserError

MODEL = "a run's folder, or an imported .keras file"
GATE = "folder of an ALI run; without it nothing is refused"
_RUNS = "runs/phantom-demo/sound/cohen2019"
_EXAMINE = """
Reads PNG, JPEG, TIFF, DICOM or NumPy files of any usual range and says what it did to them; refuses what is
unlike the training radiographs, by how badly the gate reconstructs it; and gives the others a score a finding,
scaled so that one half is the operating point (cohen2019, Equation 1). An image is scaled and its centre
cropped, never stretched.

Runs on the phantom know no patient's radiograph and refuse them all: train both with DATA=. A score is no
diagnosis, and one from outside the training distribution means nothing; that is what the gate is for.

Exit status: 0; 1 where an image could not be read, the others stand. Not for diagnosis.
"""
_EXAMINE_KEYS = (
    '"note", "classifier", "gate", and "images", each with "image", and "error", or "notes", "distance", "threshold", '
    '"refused", "probabilities" (finding: score, null where refused), "raw"; what --output holds'
)
_TEXTFILTER = """
Reads JPEG, PNG, GIF, WebP and BMP files, or folders with all below them, and writes a row a picture: path; text
(1 or 0); p_Text, the largest of the regions' probabilities; r00 to r33, theirs (5×5 row by row, then 3×3);
width; height. Needs no TensorFlow and no GPU: the network that comes with it (0.4 MB) runs in ONNX Runtime
while other pictures are decoded; the summary says how fast each was. Files that cannot be read are named, and
the others go on.

That network learned from rendered scenes alone and is much weaker on photographs: its card,
textfilter/student.json, has the numbers. For pictures of your kind train one (`make zhao2019 DATA=...`), write
it by `xray-keras export RUN -o FILE.onnx`, and name it by --model. Not the only look at what must not be
missed.

Exit status: 0; 1 where no picture could be read.
"""
_SCREEN = """
Flags generated pictures that are near copies of training pictures, also mirrored, cropped, re-encoded or
brightened ones, and names the originals. Pictures of other patients set the threshold: of such, at most
--error-rate is flagged by chance (1 % needs 99 patients). GENERATED, --against and --held-out are folders of
PNG, JPEG, TIFF or DICOM files, .npz files with a gray array image (N, S, S), or runs of the suite; pictures of
any generator will do.

Finds copies, not traces: pictures that pass may still give people away. `xray-keras privacy RUN` asks a
generator of the suite more.

Exit status: 0; 1 where a picture is flagged; 2 where one could not be read.
"""
_SCREEN_KEYS = (
    '"screened", "flagged", "error_rate", "threshold", "patients" (training, held_out), "copies" (each flagged picture '
    'with "image", "original", "distance", "p"), "unreadable" (picture: reason)'
)


def add(verbs: Verbs) -> None:
    """Add examine, textfilter and screen."""
    verbs.group("Images and weights of your own")
    _add_examine(verbs)
    _add_textfilter(verbs)
    _add_screen(verbs)


def _add_examine(verbs: Verbs) -> None:
    examined = verbs.add(
        "examine",
        _examine,
        "refuse what is no chest radiograph, score the others",
        f"examine chest.dcm --classifier {_RUNS}/chexnet --gate {_RUNS}/ali",
        description=_EXAMINE,
    )
    examined.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, TIFF, DICOM or .npy"
    )
    examined.add_argument("--classifier", type=Path, required=True, help=MODEL)
    examined.add_argument("--gate", type=folder, help=GATE)
    examined.add_argument("--show-refused", action="store_true", help="scores of refused images as well")
    examined.add_argument("-o", "--output", type=Path, help="JSON file to write as well")
    add_json(examined, _EXAMINE_KEYS)


def _add_textfilter(verbs: Verbs) -> None:
    filtered = verbs.add(
        "textfilter",
        _textfilter,
        "tell which pictures show text, and where, as a table",
        "textfilter photographs --out hits.csv --draw drawings",
        description=_TEXTFILTER,
        stopped="no table was written; drawings so far stay",
    )
    filtered.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="a picture, or a folder")
    filtered.add_argument("-o", "--out", "--output", type=Path, required=True, help="the table; ends in .csv")
    filtered.add_argument(
        "--draw",
        type=folder,
        metavar="FOLDER",
        help="for the pictures with text: thick blue outlines for 3×3 regions, thin orange ones for 5×5",
    )
    filtered.add_argument(
        "--model", type=Path, help="ONNX that `export` wrote of a text network; default: the shipped one"
    )
    filtered.add_argument(
        "--threshold",
        type=float,
        help="probability from which a region shows text; default: the network's own",
    )
    filtered.add_argument("--threads", type=int, help="default: one a processor")


def _add_screen(verbs: Verbs) -> None:
    screened = verbs.add(
        "screen",
        _screen,
        "flag generated images that are near copies of others",
        "screen generated --against training --held-out others -o screened.csv",
        description=_SCREEN,
    )
    screened.add_argument(
        "generated", type=Path, help="folder of pictures, .npz with an array image, or a GAN run's folder"
    )
    screened.add_argument(
        "--against",
        type=Path,
        required=True,
        help="what was learned from: likewise; of a run its training part",
    )
    screened.add_argument(
        "--held-out",
        type=Path,
        help="of the same kind and other patients; of a run its test part; default: the run of --against",
    )
    screened.add_argument(
        "--error-rate",
        type=float,
        default=0.01,
        help="share of other patients' pictures flagged by chance; default: 0.01",
    )
    screened.add_argument(
        "--patients", type=Path, help="CSV with columns image, patient; default: NIH names, else each its own"
    )
    screened.add_argument("-o", "--output", type=Path, help="CSV: image, flagged, original, distance, p")
    screened.add_argument("--kept", type=Path, help="new folder (or .npz) for the pictures that pass")
    add_json(screened, _SCREEN_KEYS)


def check_named(*paths: Path | None) -> None:
    """Raise, before anything slow is imported, where a model or a gate that is named is not there, or no run.

    Raises:
        UserError: one of them is absent, or a folder without a run in it.
    """
    for path in paths:
        if path is not None and not path.exists():
            raise UserError(f"{path} is absent; name a trained run's folder or an imported .keras file")
        if path is not None and path.is_dir():
            experiment.find_config(path)


def _examine(arguments: argparse.Namespace) -> int:
    check_named(arguments.classifier, arguments.gate)
    import_tensorflow()
    from xray_keras.evaluation import examine

    with words_aside(arguments.json):
        found = examine.command(
            arguments.images, arguments.classifier, arguments.gate, show_refused=arguments.show_refused
        )
    if arguments.output:
        files.write_json(arguments.output, found)
    if arguments.json:
        print_json(found)
    return 1 if any("error" in each for each in found["images"]) else 0


def _textfilter(arguments: argparse.Namespace) -> int:
    from xray_keras.textfilter import command

    return command.command(
        arguments.images,
        arguments.out,
        model=arguments.model,
        drawings=arguments.draw,
        threshold=arguments.threshold,
        threads=arguments.threads,
    )


def _screen(arguments: argparse.Namespace) -> int:
    from xray_keras.evaluation import screening

    return screening.command(
        arguments.generated,
        arguments.against,
        arguments.held_out,
        arguments.output,
        arguments.kept,
        arguments.patients,
        arguments.error_rate,
        show=(lambda found: print_json(screening.as_json(found))) if arguments.json else None,
    )
