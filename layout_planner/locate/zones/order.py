"""Clauses that hold zones together without further cuts: a unit joins a zone after a neighbour that lies before it.

The order in which units lie before each other is fixed beforehand. Today's zones always keep it; few zones that are
worth having do not.

Source: Williams (2002), A zero-one programming model for contiguous land acquisition, Geographical Analysis
34(4):330-349, for trees that hold areas together; here the direction of their branches is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from layout_planner.locate.zones.graph import ways

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["before", "chain_clauses"]


def before(
    graph: tuple[NDArray[np.int64], NDArray[np.int64]],
    keep: NDArray[np.bool_],
    seat: NDArray[np.int64],
    zone: NDArray[np.bool_],
    far: NDArray[np.float64],
    step: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Rank the units on the way to the seat of every site, within its zone of today first.

    Parameters
    ----------
    graph : (indptr, adj)
        Neighbours of the units.
    keep : ndarray (u, t) of bool
        Pairs of unit and site that may be used.
    seat : ndarray (t,)
        Unit that holds the site.
    zone : ndarray (u, t) of bool
        Today's zones, each connected and with its seat, or empty.
    far : ndarray (u, t)
        Distances, which decide between units that lie equally far on the way.
    step : ndarray (len(adj),)
        Length of a step to every neighbour, > 0.

    Returns
    -------
    rank : ndarray (u, t)
        Lower for units that lie before others; zero for sites that have no choice.
    """
    rank = np.zeros(keep.shape, np.int64)
    for t in np.flatnonzero((keep & (keep.sum(axis=1) > 1)[:, None]).any(axis=0)):
        inside, allowed = np.ascontiguousarray(zone[:, t]), np.ascontiguousarray(keep[:, t])
        way = np.where(inside, ways(*graph, step, inside, seat[t]), ways(*graph, step, allowed, seat[t]))
        rank[np.lexsort((far[:, t], way)), t] = np.arange(len(keep))
    return rank


def chain_clauses(
    graph: tuple[NDArray[np.int64], NDArray[np.int64]],
    keep: NDArray[np.bool_],
    seat: NDArray[np.int64],
    rank: NDArray[np.int64] | None,
    settled: NDArray[np.bool_],
    columns: int,
) -> csr_array:
    """Let a unit join a zone only after a neighbour of lower rank, or beside any neighbour.

    Parameters
    ----------
    graph, keep, seat
        As for :func:`before`; the kept pairs are the columns, row by row.
    rank : ndarray (u, t) or None
        The order of the units; ``None`` for any neighbour, which leaves pieces of several units apart.
    settled : ndarray (u,) of bool
        Units that belong to their one site for certain; their pairs are in no clause.
    columns : int
        Number of all columns.

    Returns
    -------
    clauses : csr_array (q, columns)
        An alternative a row: 1 for a pair in use, -1 for one that is not.
    """
    unit, site = np.nonzero(keep)
    column = np.full(keep.shape, -1, np.int64)
    column[unit, site] = np.arange(len(unit))
    here = np.repeat(np.arange(len(keep)), np.diff(graph[0]))
    edge, at = np.nonzero(keep[here] & keep[graph[1]])
    i, k = here[edge], graph[1][edge]
    if rank is not None:
        earlier = rank[k, at] < rank[i, at]
        i, k, at = i[earlier], k[earlier], at[earlier]
    choice = np.bincount(site[~settled[unit]], minlength=keep.shape[1]) > 0
    held = (seat[site] == unit) | ~choice[site]
    held[column[i, at][settled[k]]] = True
    asked, own = ~held[column[i, at]], np.flatnonzero(~held & ~settled[unit])
    number = np.cumsum(~held) - 1
    row = np.append(number[column[i, at][asked]], number[own])
    pair = np.append(column[k, at][asked], own)
    sign = np.append(np.ones(int(asked.sum())), -np.ones(len(own)))
    return coo_array((sign, (row, pair)), shape=(int((~held).sum()), columns)).tocsr()
