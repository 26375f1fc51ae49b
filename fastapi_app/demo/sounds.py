"""Sounds as ffmpeg's lavfi sources: formulas, no recordings. Frequencies are in hertz."""


def arpeggio(root: float, *steps: int) -> str:
    """Plucked notes, four a second, each so many semitones above `root`."""
    beat = f"mod(floor(t*4),{len(steps)})"
    notes = "+".join(f"eq({beat},{place})*{_raised(root, step)}" for place, step in enumerate(steps))
    return _source(f"0.3*sin(2*PI*t*({notes}))*exp(-4*mod(t*4,1))+0.08*sin(2*PI*t*{root / 2:.2f})")


def drone(root: float, sway: float) -> str:
    """A fifth that swells `sway` times in three seconds."""
    tones = f"sin(2*PI*t*{root})+0.6*sin(2*PI*t*{_raised(root, 7)})+0.3*sin(4*PI*t*{root})"
    return _source(f"0.14*({tones})*(0.6+0.4*sin(2*PI*t*{sway}/3))")


def pulse(root: float, beats: float) -> str:
    """A bass drum of sorts, so many beats a second, under a high answer."""
    beat = f"mod(t*{beats / 2},1)"
    return _source(
        f"0.5*sin(2*PI*{root / 2}*{beat})*exp(-5*{beat})+0.1*sin(2*PI*t*{root * 2})*exp(-8*mod(t*{beats},1))"
    )


def _source(formula: str) -> str:
    return f"aevalsrc=exprs='{formula}':s=44100:c=mono"


def _raised(root: float, semitones: int) -> str:
    return f"{root * 2 ** (semitones / 12):.2f}"
