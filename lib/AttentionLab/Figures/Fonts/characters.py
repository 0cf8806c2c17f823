"""Prints the characters of the embedded font: symbols, what FigureText.cs says, and the commonest characters of modern Chinese.

How common a character is comes from Unihan's kHanyuPinlu (package unicode-data on Debian); see README.md beside this file.
"""
import bz2
import pathlib
import re

COMMON = 2000
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3A9), (0x3B1, 0x3C9)]
SYMBOLS = "‐‑‒–—―‘’“”†•…‰′″€№™←↑→↓↔⇒∂∆∇∈∏∑−√∝∞∩∪∫≈≠≤≥⊙⊗①②③④⑤⑥⑦⑧⑨⑩■□▲△▼▽◆◇○●★☆✓　、。〈〉《》「」『』【】〔〕！（），．／：；？［］～％＋＝"
# Words of this field that a general frequency list lacks.
FIELD = """
准确率 损失 训练 测试 验证 轮次 迭代 批次 真实 预测 类别 通道 均值 权重 热力图 特征图 注意力 卷积 网络 模型 神经元 激活 梯度 池化 归一化 标准差
挤压 激励 模块 残差 层 学习率 丢弃 过拟合 欠拟合 泛化 数据增强 原图 裁剪 翻转 旋转 亮度 对比度 饱和度 色调 抖动 填充 像素 颜色 刻度 图例 叠加 透明度
拉伸 插值 样条 遮挡 敏感度 平滑 积分 反向传播 显著性 解释 可信度 掩码 边界 轮廓 纹理 背景 前景 噪声 随机 种子 曲线 面积 删除 插入 置信区间 基线 中心
飞机 汽车 鸟 猫 鹿 狗 青蛙 马 船 卡车 圆形 三角形 正方形 星形 十字 圆环 菱形 六边形 月牙 箭头 条纹 棋盘
"""
LAYOUT = pathlib.Path(__file__).parent.parent / "Layout"
OWN = (LAYOUT / "FigureText.cs").read_text("utf-8-sig") + (LAYOUT / "labels-zh.tsv").read_text("utf-8").replace("\t", "")

frequency = {}
for line in bz2.open("/usr/share/unicode/Unihan_Readings.txt.bz2", "rt", encoding="utf-8"):
    if "\tkHanyuPinlu\t" in line:
        code, _, readings = line.rstrip("\n").split("\t")
        frequency[chr(int(code[2:], 16))] = sum(int(n) for n in re.findall(r"\((\d+)\)", readings))
common = sorted(frequency, key=lambda c: (-frequency[c], c))

# The list counts a simplified character and its traditional form alike: keep what GB 2312, the simplified set, holds.
common = [c for c in common if c.encode("gb2312", "ignore")][:COMMON]
chosen = {chr(c) for first, last in RANGES for c in range(first, last + 1)} | set(SYMBOLS) | set(common) | set(FIELD + OWN)
print("".join(sorted(chosen - {"\n"})), end="")
