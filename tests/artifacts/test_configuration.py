import yaml

from tagasc.artifacts.configuration import write_configuration
from tagasc.config import Experiment


def test_the_configuration_is_written_in_full_and_in_its_order(tmp_path):
    experiment = Experiment(name="other", cells=["baseline"])
    write_configuration(tmp_path / "config.yaml", experiment.model_dump(mode="json"))
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert text.startswith("name: other\n")
    assert Experiment(**yaml.safe_load(text)) == experiment
