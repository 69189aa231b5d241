"""The checks of ali2019, in the order of the paper; each module beside this one has one idea."""

from xray_keras.audit.ali2019.auc import auc_ge_balanced_accuracy, auc_inside_bounds
from xray_keras.audit.ali2019.cells import (
    baseline_auc_duplicate,
    f1_cells,
    shifted_auc_labels,
    table3_repeats_table2,
)
from xray_keras.audit.ali2019.data import (
    cited_f1,
    class_counts,
    dataset_size,
    few_images,
    labelled_images,
    network_depths,
    never_positive_accuracy,
)
from xray_keras.audit.ali2019.gan import (
    combination_never_run,
    gan_boosts_performance,
    gan_channels,
    gan_class_sizes,
    gan_raises_f1_and_recall,
    generator_reaches_128,
    latent_40,
)
from xray_keras.audit.ali2019.recovered import confusion_matrices, one_test_set, positives_fit_a_random_split
from xray_keras.audit.ali2019.sentences import (
    baseline_wins_on_the_rarest,
    better_than_wang,
    largest_classes_best,
    models_differ_little,
    rare_f1_near_zero,
    transfer_beats_baseline,
    vgg7_inception4,
)

CHECKS = (
    gan_boosts_performance,
    cited_f1,
    class_counts,
    network_depths,
    labelled_images,
    dataset_size,
    latent_40,
    generator_reaches_128,
    never_positive_accuracy,
    transfer_beats_baseline,
    baseline_wins_on_the_rarest,
    rare_f1_near_zero,
    largest_classes_best,
    models_differ_little,
    vgg7_inception4,
    better_than_wang,
    few_images,
    gan_raises_f1_and_recall,
    gan_class_sizes,
    gan_channels,
    combination_never_run,
    f1_cells,
    confusion_matrices,
    one_test_set,
    positives_fit_a_random_split,
    auc_inside_bounds,
    auc_ge_balanced_accuracy,
    baseline_auc_duplicate,
    shifted_auc_labels,
    table3_repeats_table2,
)
