"""Evaluation is pure and never raises: doubt means legacy."""

import pytest

from migration_flags import Flag, Reason, Snapshot, Stage, evaluate


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
def test_a_flag_says_what_it_says(stage: Stage) -> None:
    evaluation = evaluate(Snapshot([Flag("GET /a", stage)], epoch=7), "GET /a")
    assert (evaluation.stage, evaluation.reason, evaluation.epoch) == (stage, Reason.FLAG, 7)


def test_a_route_without_a_flag_is_legacy() -> None:
    evaluation = evaluate(Snapshot(epoch=7), "GET /unheard-of")
    assert (evaluation.stage, evaluation.reason, evaluation.epoch) == (Stage.LEGACY, Reason.NO_FLAG, 7)


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.CANARY, Stage.RETIRED])
def test_a_stage_of_a_newer_version_is_served_by_legacy(stage: Stage) -> None:
    evaluation = evaluate(Snapshot([Flag("GET /a", stage)]), "GET /a")
    assert (evaluation.stage, evaluation.reason) == (Stage.LEGACY, Reason.STAGE_NOT_SERVED)


def test_a_snapshot_can_not_be_changed_under_its_readers() -> None:
    source = [Flag("GET /a", Stage.MODERN)]
    snapshot = Snapshot(source, epoch=1)
    source.append(Flag("GET /b", Stage.MODERN))
    assert [flag.key for flag in snapshot] == ["GET /a"]
    with pytest.raises(AttributeError):
        snapshot.epoch = 2
