"""Who and what is in the demo. Every name is invented."""

from dataclasses import dataclass, field

from fastapi_app.demo import sounds, visuals
from fastapi_app.models import VideoStatus

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Clip:
    """One video. `picture` and `sound` are ffmpeg's lavfi sources; without a picture there is no file.

    `latin` is how a picture spells a title whose letters the font lacks.
    """

    title: str
    year: int
    picture: str = ""
    sound: str = ""
    seconds: int = 8
    status: VideoStatus = VideoStatus.DOWNLOADED
    latin: str = ""


@dataclass(frozen=True)
class Artist:
    """One artist with their clips; the palette runs from dark to light."""

    name: str
    genres: tuple[str, ...]
    palette: tuple[Colour, Colour, Colour]
    director: str
    clips: tuple[Clip, ...] = field(default=())
    latin: str = ""


ARTISTS: tuple[Artist, ...] = (
    Artist(
        "Café Aurore",
        ("Chanson", "Electronic"),
        ((63, 12, 72), (222, 67, 97), (255, 196, 113)),
        "Élodie Marchais",
        (
            Clip(
                "Été sans fin",
                2019,
                visuals.drift("3f0c48", "de4361", "ffc471", 3),
                sounds.arpeggio(220.0, 0, 4, 7, 11),
            ),
            Clip("Les néons du canal", 2021, visuals.plasma(9, 14, 1), sounds.arpeggio(196.0, 0, 3, 7, 10), 7),
            Clip("Déjà minuit", 2023, visuals.colony("2b1055", "ff7e5f", 7), sounds.pulse(110.0, 2.0), 9),
        ),
    ),
    Artist(
        "Nordlys & Måne",
        ("Ambient", "Folk"),
        ((6, 28, 52), (18, 140, 126), (167, 255, 196)),
        "Sigrun Østby",
        (
            Clip("Blåtimen", 2018, visuals.drift("061c34", "128c7e", "a7ffc4", 11), sounds.drone(130.8, 1.5), 10),
            Clip("Sølvskog", 2020, visuals.plasma(17, 6, 4), sounds.arpeggio(174.6, 0, 5, 7, 12)),
            Clip("Fyrtårn", 2024, status=VideoStatus.WANTED),
        ),
    ),
    Artist(
        "硝子の灯台",
        ("J-Pop", "City Pop"),
        ((20, 12, 66), (110, 58, 201), (255, 120, 190)),
        "Mika Kurosawa",
        (
            Clip(
                "夜行列車",
                2017,
                visuals.dive(-0.7436, 0.1318, 200),
                sounds.arpeggio(261.6, 0, 4, 7, 9),
                latin="Yakō ressha",
            ),
            Clip(
                "雨のアーケード", 2020, visuals.automaton(110, 190), sounds.pulse(146.8, 4.0), 7, latin="Ame no ākēdo"
            ),
            Clip(
                "海へ続く坂",
                2022,
                visuals.plasma(12, 21, 2),
                sounds.arpeggio(233.1, 0, 2, 7, 9),
                latin="Umi e tsuzuku saka",
            ),
        ),
        latin="Garasu no Tōdai",
    ),
    Artist(
        "Лунный Трамвай",
        ("Synthpop", "Post-Punk"),
        ((13, 17, 33), (43, 89, 195), (236, 240, 160)),
        "Вера Соколова",
        (
            Clip("Последний вагон", 2016, visuals.test_card(30, 0.8), sounds.pulse(98.0, 3.0), latin="Posledniy vagon"),
            Clip(
                "Северный свет",
                2021,
                visuals.colony("0d1121", "ecf0a0", 3),
                sounds.drone(110.0, 2.5),
                latin="Severny svet",
            ),
            Clip("Тихий двор", 2023, status=VideoStatus.FAILED, latin="Tikhiy dvor"),
        ),
        latin="Lunny Tramvay",
    ),
    Artist(
        "Paper Lighthouse",
        ("Indie Rock", "Dream Pop"),
        ((24, 40, 36), (217, 108, 61), (250, 232, 190)),
        "Jonah Okafor-Wells",
        (
            Clip(
                "Harbour Made of Rain",
                2015,
                visuals.drift("182824", "d96c3d", "fae8be", 19),
                sounds.arpeggio(164.8, 0, 4, 7, 14),
            ),
            Clip("Slow Satellites", 2018, visuals.dive(-0.1592, 1.0317, 30), sounds.drone(146.8, 0.7), 9),
            Clip("Ten Thousand Kites", 2022, visuals.weave(40), sounds.arpeggio(246.9, 0, 3, 7, 12), 7),
            Clip("What the Tide Said", 2024, status=VideoStatus.WANTED),
        ),
    ),
    Artist(
        "Señor Cometa",
        ("Cumbia", "Electronic"),
        ((58, 10, 18), (240, 84, 30), (255, 222, 89)),
        "Lucía Ibáñez",
        (
            Clip("Corazón eléctrico", 2019, visuals.plasma(25, 8, 6), sounds.pulse(123.5, 5.0), 7),
            Clip("Domingo en órbita", 2021, visuals.automaton(30, 20), sounds.arpeggio(207.7, 0, 4, 7, 10), 6),
            Clip("¿Dónde está la luna?", 2023, visuals.colony("3a0a12", "ffde59", 11), sounds.pulse(138.6, 4.0)),
            Clip("Serpentina cósmica", 2025, status=VideoStatus.MONITORED),
        ),
    ),
    Artist(
        "أضواء المرفأ",
        ("Fusion", "Instrumental"),
        ((8, 38, 60), (200, 144, 54), (255, 240, 205)),
        "Rim Haddad",
        (
            Clip("شارع البحر", 2020, visuals.weave(200), sounds.drone(155.6, 1.2), latin="Shariʿ al-Bahr"),
            Clip(
                "ليلة هادئة",
                2022,
                visuals.drift("08263c", "c89036", "fff0cd", 42),
                sounds.arpeggio(185.0, 0, 1, 5, 7),
                latin="Layla Hadiʾa",
            ),
            Clip("قطار الفجر", 2024, status=VideoStatus.WANTED, latin="Qitar al-Fajr"),
        ),
        latin="Adwaʾ al-Marfaʾ",
    ),
)


def filmed(artists: tuple[Artist, ...] = ARTISTS) -> list[tuple[Artist, Clip]]:
    """The clips that have a file, each with its artist."""
    return [(artist, clip) for artist in artists for clip in artist.clips if clip.picture]
