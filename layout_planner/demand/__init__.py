"""Pupils by place and grade band, out of population cells or village tables."""

from layout_planner.demand.build import build_demand as build_demand
