"""One checker for each measure: a rule and a case in, hits out."""

from collections.abc import Callable, Iterator, Mapping

from layout_planner.rules.checkers import balance, classes, procedure, schools, ways
from layout_planner.rules.finding import Case, Hit
from layout_planner.rules.ruleset import Measure, Rule

__all__ = ["CHECKERS", "Checker"]

Checker = Callable[[Rule, Case], Iterator[Hit]]

CHECKERS: Mapping[Measure, Checker] = {
    Measure.MINUTES: ways.minutes,
    Measure.METRES: ways.metres,
    Measure.CROSSING: ways.crossing,
    Measure.MODE_COUNT: ways.mode_count,
    Measure.SPEED: ways.speed,
    Measure.BOARDING: schools.boarding,
    Measure.CLASS_SIZE: classes.class_size,
    Measure.CLASSES_FROM: classes.classes_from,
    Measure.CLASS_SHARE: classes.class_share,
    Measure.ENTRANTS: classes.entrants,
    Measure.PUPILS_MAX: schools.pupils_max,
    Measure.PUPILS_MIN: schools.pupils_min,
    Measure.SMALL_SCHOOLS: schools.small_schools,
    Measure.BEDS: schools.beds,
    Measure.PER_HEAD: schools.per_head,
    Measure.STAFF: schools.staff,
    Measure.STAFF_PER_CLASS: schools.staff_per_class,
    Measure.TOWNSHIP_STAGE: schools.township_stage,
    Measure.SEATS_PER_1000: schools.seats_per_1000,
    Measure.INDICATOR: balance.indicator,
    Measure.SCHOOL_TEST: balance.schools_tested,
    Measure.VARIATION: balance.variation,
    Measure.COMPOSITE: balance.composite,
    Measure.MIGRANT_PUBLIC: balance.migrant_public,
    Measure.IN_ZONE: ways.in_zone,
    Measure.CLOSING: procedure.closing,
    Measure.HEARD: procedure.heard,
    Measure.DAYS: procedure.days,
    Measure.FACT: procedure.fact,
    Measure.VETO: procedure.on_the_sheet,
}
