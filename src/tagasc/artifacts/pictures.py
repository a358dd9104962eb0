"""The figures of an experiment, in the order of the overview page."""

from tagasc.artifacts.picture import Picture
from tagasc.artifacts.table import Column

_CELL = Column("cell", str, "name of the cell")
_SYSTEM = Column("cell", str, "name of the cell or control")
_FAMILY = Column("family", str, "variant of the cell; shuffled, distilled or control")
_PROTOCOL = Column("protocol", str, "last or best_on_test")
_ACCURACY = Column("accuracy", float, "mean over seeds")
_LOW = Column("low", float, "lower end of its 95 % interval", optional=True)
_HIGH = Column("high", float, "upper end of its 95 % interval", optional=True)

PAPER = Picture(
    name="paper",
    rule="draw_comparisons",
    question="How close are the accuracies to the paper's?",
    reading="Each point is a cell, with the 95 % interval of its accuracy. On the diagonal, both numbers are the same. "
    "Within the band, they differ by at most two standard errors, which come from the choice of the test locations. "
    "The paper does not name its protocol; it probably used best_on_test.",
    rows="one row per cell and protocol. Accuracies are fractions.",
    columns=[
        _CELL,
        _FAMILY,
        _PROTOCOL,
        Column("paper", float, "the accuracy that the paper prints"),
        _ACCURACY,
        _LOW,
        _HIGH,
        Column("location_error", float, "standard error of the accuracy over locations", optional=True),
    ],
)


def _heat_map(number: int, what: str) -> Picture:
    return Picture(
        name=f"table{number}",
        rule="draw_comparisons",
        question=f"Which cells of Table {number} gain?",
        reading=f"{what} The left part shows accuracies in %, on the same scale as the paper's, if those are shown. "
        "The right part shows differences from the baseline in points. A star marks a difference whose p-value, "
        "adjusted by Holm's procedure for the cells of the table, is below 0.05; with one seed, there are no p-values.",
        rows="one row per cell. Accuracies and differences are fractions.",
        columns=[
            _CELL,
            Column("row", str, "its row in the table"),
            Column("column", str, "its column in the table"),
            Column("accuracy", float, "mean over seeds; empty if the cell is not scored", optional=True),
            Column("difference", float, "from the baseline", optional=True),
            Column("p_holm", float, "adjusted p-value of the difference", optional=True),
            Column("paper", float, "the accuracy that the paper prints, if shown", optional=True),
        ],
    )


TABLE3 = _heat_map(3, "Attention on the feature map, by heads and transform layers.")
TABLE4 = _heat_map(4, "Concatenation and attention with separate transform layers, by heads and layers.")
TABLE5 = _heat_map(5, "Concatenation and attention with shared transform layers, by heads and layers.")
DIFFERENCES = Picture(
    name="differences",
    rule="draw_comparisons",
    question="Which cells and controls differ from the baseline?",
    reading="Each line is the 95 % interval of the difference from the baseline. If it crosses zero, the run cannot "
    "tell. Compare the cells with the controls at the bottom, which have no network that takes tags.",
    rows="one row per cell and control except the baseline. Accuracies and differences are fractions.",
    columns=[
        _SYSTEM,
        _FAMILY,
        Column("seeds", int, "number of seeds; with one seed, intervals cover locations alone"),
        _ACCURACY,
        Column("difference", float, "from the baseline"),
        Column("difference_low", float, "lower end of its 95 % interval", optional=True),
        Column("difference_high", float, "upper end of its 95 % interval", optional=True),
        Column("p_holm", float, "adjusted p-value of the difference", optional=True),
    ],
)
CONFUSION = Picture(
    name="confusion",
    rule="draw_comparisons",
    question="Which scenes are confused?",
    reading="Rows are the scenes of the clips, columns what was predicted, in % of the row. The last part is the best "
    "cell minus the baseline, in points. The best cell was selected on these same clips, which favours it.",
    rows="one row per system, scene and predicted scene.",
    columns=[
        _CELL,
        Column("scene", str, "label of the clips"),
        Column("predicted", str, "the scene that was predicted"),
        Column("clips", int, "number of such clips, summed over seeds"),
        Column("share", float, "of the clips of the scene"),
    ],
)
SCENES = Picture(
    name="scenes",
    rule="draw_comparisons",
    question="Which scenes gain?",
    reading="Accuracy in each scene, with 95 % intervals. The best cell was selected on these same clips, which "
    "favours it.",
    rows="one row per system and scene. Accuracies are fractions.",
    columns=[
        _CELL,
        Column("scene", str, "the scene"),
        Column("clips", int, "its clips in the test list"),
        _ACCURACY,
        _LOW,
        _HIGH,
    ],
)
CITIES = Picture(
    name="cities",
    rule="draw_comparisons",
    question="Does it work in cities that it has not heard?",
    reading="Accuracy in each city, with 95 % intervals. Cities without training clips stand at the bottom. The best "
    "cell was selected on these same clips, which favours it.",
    rows="one row per system and city. Accuracies are fractions.",
    columns=[
        _CELL,
        Column("city", str, "the city"),
        Column("seen", str, "yes if the city has training clips, otherwise no"),
        Column("clips", int, "its clips in the test list"),
        _ACCURACY,
        _LOW,
        _HIGH,
    ],
)
ATTENTION = Picture(
    name="attention",
    rule="draw_networks",
    question="Which filters does the attention raise in which scene?",
    reading="Mean attention factor of each filter in the test clips of a scene. 1 is the mean of the head, because "
    "factors of a head have a fixed sum. If all rows look alike, the tags do not move the attention.",
    rows="one row per scene and filter, of the first seed.",
    columns=[
        _CELL,
        Column("scene", str, "label of the clips"),
        Column("head", int, "number of the head, from 1"),
        Column("filter", int, "number of the filter, from 1"),
        Column("factor", float, "mean attention factor, divided by the mean of the head"),
    ],
)
ATTENTION_TAGS = Picture(
    name="attention_tags",
    rule="draw_networks",
    question="Which tags move the attention?",
    reading="By how many per cent the mean tag value of a scene moves the attention factors, as a root mean square "
    "over filters. The attention is linearised at the mean tag vector of the test clips, so that each tag has a share "
    "of its own.",
    rows="one row per scene and tag, of the first seed.",
    columns=[
        _CELL,
        Column("scene", str, "label of the clips"),
        Column("tag", str, "name of the tag"),
        Column("movement", float, "root mean square over filters of the change in the logarithm of the factor"),
    ],
)
CODES = Picture(
    name="codes",
    rule="draw_networks",
    question="Do codes group by scene or by city?",
    reading="The first two principal components of the codes of the test clips. A name stands at the mean of its "
    "scene. If marks of one city cling together within a scene, the codes know the city.",
    rows="one row per test clip, of the first seed.",
    columns=[
        _CELL,
        Column("filename", str, "the clip"),
        Column("scene", str, "its label"),
        Column("city", str, "where it was recorded"),
        Column("first", float, "first principal component"),
        Column("second", float, "second principal component"),
        Column("first_share", float, "share of the variance along the first component, the same in all rows"),
        Column("second_share", float, "share of the variance along the second component, the same in all rows"),
    ],
)
LEARNING = Picture(
    name="learning",
    rule="draw_learning",
    question="Do the networks learn?",
    reading="Upper row: training loss. Lower row: accuracy on the test clips, of the output layer as a line, and of "
    "the SVM as a point. Of each family, the best, the median and the worst cell are drawn, by their loss after the "
    "last epoch; the area covers all cells. A line that stays flat is a cell that does not learn.",
    rows="one row per cell, seed and epoch.",
    columns=[
        _CELL,
        _FAMILY,
        Column("seed", int, "seed of the training"),
        Column("epoch", int, "from 1"),
        Column("loss", float, "mean training loss"),
        Column("train_accuracy", float, "of the output layer on the training batches, as a fraction"),
        Column(
            "evaluate_accuracy", float, "of the output layer on the evaluation clips, where computed", optional=True
        ),
        Column("svm_accuracy", float, "of the SVM on the same clips, in the rows of scored epochs", optional=True),
    ],
)
GAINED_CLIPS = Picture(
    name="gained_clips",
    rule="draw_networks",
    question="Which clips does the best cell gain, and what is heard in them?",
    reading="To the right, the number of test clips that the best cell gets right and the baseline wrong; to the left, "
    "the reverse. Next to them stand the strongest tags of the gained clips, with their mean value in those clips "
    "where they are among the three strongest.",
    rows="one row per clip that one of the two systems gets right in most seeds, and the other one wrong.",
    columns=[
        Column("cell", str, "name of the best cell"),
        Column("filename", str, "the clip"),
        Column("scene", str, "its label"),
        Column("change", str, "gained: the best cell is right; lost: the baseline is right"),
        Column("baseline_predicted", str, "what the baseline predicts in most seeds"),
        Column("predicted", str, "what the best cell predicts in most seeds"),
        *(
            column
            for place in (1, 2, 3)
            for column in (
                Column(f"tag{place}", str, f"strongest tag number {place}", optional=True),
                Column(f"value{place}", float, "its value", optional=True),
            )
        ),
    ],
)
PARAMETERS = Picture(
    name="parameters",
    rule="draw_networks",
    question="What does accuracy cost in parameters?",
    reading="Trainable parameters of the scene network and accuracy with its 95 % interval. The systems of the paper's "
    "Table 6 are shown if the paper's numbers are; the tagger's own parameters are not counted.",
    rows="one row per cell and per system of Table 6. Accuracies are fractions.",
    columns=[
        Column("system", str, "name of the cell or of the cited system"),
        Column("family", str, "variant of the cell, or paper"),
        Column("parameters", int, "trainable parameters"),
        _ACCURACY,
        _LOW,
        _HIGH,
    ],
)
TIME = Picture(
    name="time",
    rule="draw_time",
    question="Where did the time go?",
    reading="Running time of all jobs of a rule, added up. Jobs that ran side by side are added, too. Corpora, tagger "
    "and tags are counted whole, even if another experiment has made them.",
    rows="one row per job that has left a benchmark file.",
    columns=[
        Column("stage", str, "corpora, tagger, tags or experiment"),
        Column("rule", str, "name of the rule"),
        Column("job", str, "what sets the job apart from others of the rule", optional=True),
        Column("seconds", float, "running time in s"),
        Column("peak_memory_mb", float, "largest resident memory in MB", optional=True),
    ],
)

PICTURES = {
    picture.name: picture
    for picture in (
        DIFFERENCES,
        PAPER,
        TABLE3,
        TABLE4,
        TABLE5,
        SCENES,
        CITIES,
        CONFUSION,
        GAINED_CLIPS,
        ATTENTION,
        ATTENTION_TAGS,
        CODES,
        LEARNING,
        PARAMETERS,
        TIME,
    )
}
"""The figures by name, in the order of the overview page."""
