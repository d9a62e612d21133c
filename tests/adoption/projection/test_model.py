"""The model: draws of months that are not held."""

from __future__ import annotations

import numpy as np
import pytest

from adoption.detection.candidates import Array
from adoption.detection.model_grid import covariances
from adoption.projection.model import DRAWS, GRID, draw


def simulated(count: int, seed: int) -> Array:
    """A series that the model believes in: level, walk, season and noise."""
    chance = np.random.default_rng(seed)
    season = np.tile(chance.normal(0, 0.1, 12), count // 12 + 1)[:count]
    return np.asarray(10 + np.cumsum(chance.normal(0, 0.025, count)) + season + chance.normal(0, 0.05, count))


def test_draws_hold_what_comes_as_often_as_they_say() -> None:
    covered = []
    for seed in range(60):
        whole = simulated(54, seed)
        logs = whole.copy()
        logs[48:] = np.nan
        low, high = np.quantile(draw(logs, range(48, 54)), [0.1, 0.9], axis=0)
        covered += list((low <= whole[48:]) & (whole[48:] <= high))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.08)


def test_a_month_between_others_is_known_better_than_the_next_one() -> None:
    logs = simulated(49, 3)
    logs[[30, 48]] = np.nan
    between, after = draw(logs, [30, 48]).std(axis=0)
    assert between < after


def test_draws_are_those_of_the_exact_posterior() -> None:
    """One model, a level and a step: generalised least squares by hand has the same middle and spread."""
    logs = simulated(40, 5)
    logs[36:] = np.nan
    draws = draw(logs, [36, 39], [20])
    assert draws.shape == (DRAWS, 2)
    seen, unknown = np.arange(36), np.array([36, 39])
    design = np.column_stack([np.ones(40), np.arange(40) >= 20])
    middles, likelihoods = [], []
    for covariance in covariances(40, GRID):
        inverse = np.linalg.inv(covariance[:36, :36])
        gram = design[:36].T @ inverse @ design[:36]
        sizes = np.linalg.solve(gram, design[:36].T @ inverse @ logs[:36])
        rest = logs[:36] - design[:36] @ sizes
        middles.append(design[unknown] @ sizes + covariance[np.ix_(unknown, seen)] @ inverse @ rest)
        dets = np.linalg.slogdet(covariance[:36, :36])[1] + np.linalg.slogdet(gram)[1]
        likelihoods.append(-0.5 * (dets + 34 * np.log(rest @ inverse @ rest)))
    weights = np.exp(np.array(likelihoods) - max(likelihoods))
    expected = weights @ np.array(middles) / weights.sum()
    assert draws.mean(axis=0) == pytest.approx(expected, abs=0.02)
