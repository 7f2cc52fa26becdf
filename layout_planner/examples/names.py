"""Invented names in the manner of a mountain county; any likeness to a real place is chance."""

from __future__ import annotations

import numpy as np

__all__ = ["STREETS", "river_names", "township_names", "village_names"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STREETS = _words(
    "人民 建设 解放 文化 朝阳 滨河 迎宾 新华 中兴 育才 环城 东风 友谊 胜利 青年 站前 "
    "凤凰 南山 松柏 月亮 花溪 石板 柳荫 锦绣"
)
_TOWNSHIPS = _words(
    "云栖 松溪 柳坪 石鼓 白鹭 青峰 梨花 枫香 鹿鸣 竹园 龙泉 双桥 茶岭 银杏 古寨 红岩 "
    "桃源 九湾 望星 麦积 雁落 沙渡 千丘 雪岭"
)
_FIRST = (
    "柳石松竹黄白青龙马羊陈李杨周吴郑王赵桃梅杏枣栗桐枫榆金银铜铁水泉花草云雾阳阴高低"
    "大小上下前后东西南北双三五七九牛鹿鹤燕雁凤麻豆茶盐瓦磨碾窑"
)
_SECOND = ("家", "树", "岩", "桥", "门", "井", "庙", "田", "林", "盘", "石", "柱", "")
_LAST = ("湾", "坪", "沟", "垭", "坝", "岭", "寨", "店", "溪", "塘", "坡", "梁", "槽", "营", "铺", "洼", "坳", "峪")
_RIVERS = _words(
    "羊梨河 松溪河 白鹭河 青峰河 梨花溪 鹿鸣河 枫香溪 双桥河 九湾河 茶岭溪 银杏河 古寨溪 红岩溪 桃源溪 沙渡河 雪岭溪"
)


def township_names(count: int) -> list[str]:
    """Name ``count`` townships: the first three fifths are towns (镇), the rest townships (乡)."""
    towns = (3 * count + 4) // 5
    return [f"{stem}{'镇' if i < towns else '乡'}" for i, stem in enumerate(_TOWNSHIPS[:count])]


def village_names(rng: np.random.Generator, count: int) -> list[str]:
    """Draw ``count`` different names for villages, without the word village."""
    names = [a + b + c for a in _FIRST for b in _SECOND for c in _LAST if a not in (b, c) and b != c]
    return [names[i] for i in rng.permutation(len(names))[:count]]


def river_names(count: int) -> list[str]:
    """Name the ``count`` largest rivers; the list repeats no name and may be shorter."""
    return list(_RIVERS[:count])
