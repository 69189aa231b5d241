"""The checks of zhao2019, in the order of the paper; each module beside this one has one idea."""

from xray_keras.audit.zhao2019.counts import (
    confusion_counts,
    dataset_sums,
    f1_of_rows,
    share_passed,
    steps_beyond_chance,
)
from xray_keras.audit.zhao2019.losses import eq1_inverted, eq1_sign, equation6_equilibrium, equation6_range
from xray_keras.audit.zhao2019.networks import (
    head_is_identified,
    mspnet_params,
    student_layers,
    student_params,
    teacher_params,
)
from xray_keras.audit.zhao2019.speed import compared_method, speed_on_cpu, speed_on_gpu
from xray_keras.audit.zhao2019.tables import (
    adversarial_helps,
    full_training_best,
    mspnet_leads_earlier,
    sizes_in_order,
    soft_beats_hard,
    student_against_earlier,
    student_is_fastest,
    student_rows_agree,
    teacher_against_mspnet,
    teacher_is_best,
)
from xray_keras.audit.zhao2019.times import gpu_memory, gpu_times_physical
from xray_keras.audit.zhao2019.training import (
    decay_schedule,
    discriminator_rate,
    framework_version,
    input_sizes,
    label_rules,
    regions,
)

CHECKS = (
    teacher_is_best,
    speed_on_cpu,
    speed_on_gpu,
    compared_method,
    share_passed,
    mspnet_leads_earlier,
    sizes_in_order,
    regions,
    student_layers,
    label_rules,
    eq1_sign,
    eq1_inverted,
    equation6_range,
    equation6_equilibrium,
    dataset_sums,
    input_sizes,
    decay_schedule,
    discriminator_rate,
    gpu_memory,
    gpu_times_physical,
    framework_version,
    f1_of_rows,
    confusion_counts,
    mspnet_params,
    teacher_params,
    student_params,
    head_is_identified,
    teacher_against_mspnet,
    student_rows_agree,
    soft_beats_hard,
    adversarial_helps,
    full_training_best,
    steps_beyond_chance,
    student_is_fastest,
    student_against_earlier,
)
