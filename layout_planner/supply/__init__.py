"""What the county's schools can take: tiers, grades, classrooms, seats and beds."""

from layout_planner.supply.capacity import class_cap as class_cap
from layout_planner.supply.capacity import rooms_by_stage as rooms_by_stage
from layout_planner.supply.capacity import seats_by_stage as seats_by_stage
from layout_planner.supply.schools import school_supply as school_supply
