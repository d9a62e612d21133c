"""The model of one series against straightforward linear algebra, and the search on plain numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from adoption.detection.candidates import Array, Settings, candidates_of
from adoption.detection.model_grid import covariances
from adoption.detection.structural_model import Fit, Step, fit_effects

SETTINGS = Settings(walk=(0.0, 0.5), bend=(0.0, 0.001), season=(0.5,))


def noise(seed: int, months: int = 40, size: float = 0.05) -> Array:
    """White noise around a level of 5, in logs."""
    return 5 + np.random.default_rng(seed).normal(0, size, months)


def plain_deviance(logs: Array, columns: list[Array]) -> float:
    """The criterion by generalised least squares on the observed months, model by model."""
    observed_months = ~np.isnan(logs)
    line = np.column_stack([np.ones(len(logs)), np.linspace(-1, 1, len(logs))])
    deviances = []
    for covariance in covariances(len(logs), SETTINGS):
        inverse = np.linalg.inv(covariance[np.ix_(observed_months, observed_months)])
        base = line[observed_months]
        full = np.column_stack([base, *(column[observed_months] for column in columns)])
        size = np.linalg.solve(full.T @ inverse @ full, full.T @ inverse @ logs[observed_months])
        left = logs[observed_months] - full @ size
        log_det = np.linalg.slogdet(inverse)[1] * -1 + np.linalg.slogdet(base.T @ inverse @ base)[1]
        deviances.append((observed_months.sum() - 2) * np.log(left @ inverse @ left) + log_det)
    each = np.array(deviances)
    return float(each.min() - 2 * np.log(np.mean(np.exp((each.min() - each) / 2))))


@pytest.mark.parametrize("missing", [(), (0, 7, 8, 39)])
def test_the_criterion_is_generalised_least_squares_on_the_observed_months(missing: tuple[int, ...]) -> None:
    logs = noise(1)
    logs[list(missing)] = np.nan
    column = np.zeros(40)
    column[20:25] = 1
    fit = Fit(logs, SETTINGS)
    assert_allclose(fit.deviance(), plain_deviance(logs, []), rtol=1e-8)
    fit.add(column)
    assert_allclose(fit.deviance(), plain_deviance(logs, [column]), rtol=1e-8)


def test_sums_and_squares_are_products_with_the_columns() -> None:
    candidates = candidates_of(30, SETTINGS)
    columns = np.column_stack([candidates.column(k) for k in range(len(candidates.first))])
    rng = np.random.default_rng(2)
    rows, root = rng.normal(size=(3, 30)), rng.normal(size=(3, 30, 30))
    matrices = root @ np.swapaxes(root, 1, 2)
    assert_allclose(candidates.sums(rows), rows @ columns, atol=1e-10)
    assert_allclose(candidates.squares(matrices), [np.diag(columns.T @ m @ columns) for m in matrices], atol=1e-8)


def test_every_candidate_covers_its_months_and_no_others() -> None:
    candidates = candidates_of(30, SETTINGS)
    for k in range(len(candidates.first)):
        touched = np.flatnonzero(candidates.column(k))
        assert (touched[0], touched[-1]) == (candidates.first[k], candidates.last[k])


def test_gains_are_what_adding_the_candidate_gains() -> None:
    logs = noise(3)
    logs[5] = np.nan
    fit = Fit(logs, SETTINGS)
    gains = fit.gains()
    for k in (0, 200, 700, len(gains) - 1):
        grown = fit.copy()
        grown.add(fit.basis.candidates.column(k))
        assert_allclose(gains[k], fit.deviance() - grown.deviance(), atol=1e-8)


def test_a_copy_grows_alone() -> None:
    fit = Fit(noise(4), SETTINGS)
    before = fit.deviance()
    fit.copy().add(fit.basis.candidates.column(50))
    assert fit.deviance() == before


def test_gains_of_drops_are_those_of_series_with_the_drop() -> None:
    logs = noise(5)
    stated = Fit(logs, SETTINGS).gains_of_drops(6)(0.2)
    for first in (1, 17, 34):
        dropped = logs.copy()
        dropped[first : first + 6] += np.log(0.8)
        fit = Fit(dropped, SETTINGS)
        candidates = fit.basis.candidates
        place = (candidates.first == first) & (candidates.last == first + 5) & (candidates.shape == 0)
        assert_allclose(stated[first - 1], fit.gains()[place][0], atol=1e-8)


def test_what_is_covered_already_gains_nothing() -> None:
    fit = Fit(noise(6), SETTINGS)
    fit.add(fit.basis.candidates.column(100))
    assert fit.gains()[100] == 0


def test_two_effects_are_found_and_sized_beside_each_other() -> None:
    logs = noise(7, 80, 0.03)
    logs[20:28] -= 0.4
    logs[50:] += 0.6
    fitted = fit_effects(logs, [], [], Settings())
    sizes = {(effect.first, effect.last): effect.size for effect in fitted.effects}
    assert set(sizes) == {(20, 27), (50, 79)}
    assert sizes[20, 27] == pytest.approx(-0.4, abs=0.05)
    assert sizes[50, 79] == pytest.approx(0.6, abs=0.05)
    assert fitted.effects[0].gain > fitted.price(Settings().penalty)


def test_a_step_that_settles_takes_its_odd_months_along() -> None:
    logs = noise(8, 60, 0.03)
    logs[30:] += 0.5
    logs[30:33] -= [1.0, 1.5, 0.2]
    fitted = fit_effects(logs, [Step(30, 33)], [], Settings())
    assert fitted.effects == ()
    assert fitted.known[0].size == pytest.approx(0.5, abs=0.06)
    assert_allclose(fitted.known[0].curve[28:34], [0, 0, -0.5, -1.0, 0.3, 0.5], atol=0.15)
