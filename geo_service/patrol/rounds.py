"""Put doors in an order to walk: a round that begins and ends anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from geo_service.model.cells import Floats, Ints

_TENTHS: Final = 10
"""The solver counts in whole numbers: tenths of a metre."""
_TRIES: Final = 100
"""Rounds that are looked at: for forty doors a third of a second; three times as many save a hundredth of the way."""


def walking_order(metres: Floats) -> Ints:
    """Return the order (n) in which places are walked with little detour, from anywhere to anywhere.

    metres: from each to each, symmetric (n, n). Solved by OR-tools' routing with a place that is no distance from any
    (the open travelling salesman) and guided local search, whose work is counted in rounds and not in seconds, so that
    the same metres give the same order. Of the two directions, the one that begins with the place given first.
    """
    count = len(metres)
    if count < 3:  # noqa: PLR2004 - nothing to choose
        return np.arange(count)
    from ortools.constraint_solver import (  # type: ignore[import-untyped] # noqa: PLC0415 (heavy)
        pywrapcp,
        routing_enums_pb2,
    )

    whole = np.zeros((count + 1, count + 1), dtype=np.int64)
    whole[1:, 1:] = np.rint(metres * _TENTHS)
    manager = pywrapcp.RoutingIndexManager(count + 1, 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(whole.tolist()))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.solution_limit = _TRIES
    found = routing.SolveWithParameters(parameters)
    order, at = [], found.Value(routing.NextVar(routing.Start(0)))
    while not routing.IsEnd(at):
        order.append(manager.IndexToNode(at) - 1)
        at = found.Value(routing.NextVar(at))
    return np.array(order if order[0] < order[-1] else order[::-1], dtype=np.int64)
