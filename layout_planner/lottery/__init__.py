"""From a scenario to a published draw and back: promise, draw, replay. 电脑派位和电脑随机分班：承诺、抽签、复核.

A published folder begins with what is promised. The draw works on that folder alone, adds its seed and its result in a
folder of its own, and can be repeated by anybody with the standard library of Python.
"""

from layout_planner.lottery.drawing import DrawResult, draw, replay_folder
from layout_planner.lottery.promise import Published, publish_classes, publish_lottery

__all__ = ["DrawResult", "Published", "draw", "publish_classes", "publish_lottery", "replay_folder"]
