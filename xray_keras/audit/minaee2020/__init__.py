"""The checks of minaee2020, in the order of the paper; each module beside this one has one idea."""

from xray_keras.audit.minaee2020.data import (
    augmentation_factor,
    augmented_images,
    chexpert_size,
    covid_selection,
    figure2_images,
    negatives,
    source_counts,
    split_sizes,
)
from xray_keras.audit.minaee2020.intervals import (
    ci_from_counts,
    half_width_order,
    half_width_sensitivity,
    half_width_specificity,
    interval_inside_one,
    z_of_95,
)
from xray_keras.audit.minaee2020.networks import network_names, resnet50_deeper, squeezenet_parameters
from xray_keras.audit.minaee2020.rates import (
    better_pair,
    confusion_total,
    confusion_vs_table,
    grim_sensitivities,
    grim_specificities,
    table6_repeats,
    thresholds_monotone,
)
from xray_keras.audit.minaee2020.summary import (
    abstract_sensitivity,
    abstract_specificity,
    auc_order_possible,
    average_specificity,
    claim_84_97,
    claim_best_97_5_95,
)
from xray_keras.audit.minaee2020.totals import (
    abstract_split,
    dataset_size,
    fewer_than_100_covid,
    more_than_5000_non_covid,
    small_test_class,
)

CHECKS = (
    dataset_size,
    abstract_split,
    abstract_sensitivity,
    abstract_specificity,
    network_names,
    augmentation_factor,
    claim_best_97_5_95,
    split_sizes,
    source_counts,
    covid_selection,
    augmented_images,
    chexpert_size,
    negatives,
    figure2_images,
    resnet50_deeper,
    squeezenet_parameters,
    grim_sensitivities,
    grim_specificities,
    thresholds_monotone,
    claim_84_97,
    better_pair,
    small_test_class,
    z_of_95,
    table6_repeats,
    ci_from_counts,
    interval_inside_one,
    half_width_specificity,
    half_width_sensitivity,
    half_width_order,
    auc_order_possible,
    confusion_total,
    confusion_vs_table,
    average_specificity,
    fewer_than_100_covid,
    more_than_5000_non_covid,
)
