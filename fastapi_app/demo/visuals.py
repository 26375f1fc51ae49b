"""Moving pictures as ffmpeg's lavfi sources, 640 by 360.

Drawn small and enlarged: a clip must take about a second of one core, and soft or blocky is what they are meant to be.
"""

_RATE = 24
_SIZE = "640x360"
_SOFT = f"vignette=PI/5,scale={_SIZE}:flags=bilinear,format=yuv420p"
_BLOCKY = f"vignette=PI/5,scale={_SIZE}:flags=neighbor,format=yuv420p"


def drift(first: str, second: str, third: str, seed: int) -> str:
    """Three colours (RRGGBB) that flow into each other, in a direction that `seed` decides."""
    colours = f"c0=0x{first}:c1=0x{second}:c2=0x{third}:n=3"
    return f"gradients=s=160x90:r={_RATE}:{colours}:speed=0.02:seed={seed},{_SOFT}"


def plasma(across: int, down: int, tempo: int) -> str:
    """Soft waves of light; the numbers are wave lengths (in 96ths of the width) and speed."""
    red = f"128+110*sin(X/{across}+T*{tempo}/2)"
    green = f"90+80*sin(Y/{down}-T*{tempo}/3)"
    blue = f"150+100*sin((X+Y)/{across + down}+T)"
    return f"color=c=black:s=96x54:r={_RATE},geq=r='{red}':g='{green}':b='{blue}',{_SOFT}"


def colony(background: str, life: str, seed: int) -> str:
    """Conway's Game of Life in two colours (RRGGBB)."""
    rules = f"mold=12:ratio=0.2:seed={seed}:mold_color=0x{background}:death_color=0x{background}:life_color=0x{life}"
    return f"life=s=80x45:r=12:{rules},{_BLOCKY}"


def automaton(rule: int, hue: int) -> str:
    """A one-dimensional cellular automaton that scrolls upwards; `hue` in degrees."""
    tint = f"colorize=hue={hue}:saturation=0.7:lightness=0.55"
    return f"cellauto=s=160x90:rule={rule}:r={_RATE}:full=0:seed={rule},{tint},{_BLOCKY}"


def dive(x: float, y: float, hue: int) -> str:
    """A fall into the Mandelbrot set at a point; `hue` in degrees."""
    target = f"start_x={x}:start_y={y}:start_scale=1.5:end_scale=0.02:end_pts=240:maxiter=120"
    return f"mandelbrot=s=240x136:r={_RATE}:{target},hue=h={hue}+20*t,{_SOFT}"


def weave(hue: int) -> str:
    """Sierpinski's carpet in one colour; `hue` in degrees."""
    tint = f"colorize=hue={hue}:saturation=0.6:lightness=0.5"
    return f"sierpinski=s=320x180:r={_RATE}:type=carpet:seed={hue}:jump=40,{tint},{_SOFT}"


def test_card(speed: int, saturation: float) -> str:
    """A test card whose colours turn; `speed` in degrees a second."""
    return f"testsrc2=s=320x180:r={_RATE},hue=h=t*{speed}:s={saturation},{_SOFT}"
