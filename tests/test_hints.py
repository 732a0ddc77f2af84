"""A scene is told from a change in English alone: wishes in other languages get no hint."""

from __future__ import annotations

import pytest

from bridge.hints import describes_a_scene

GERMAN = """
den Himmel dunkler
An der Wand eine Uhr aufhängen
Bild heller machen
mehr Bokeh im Hintergrund
HDR-Effekt entfernen
a bisserl wärmer
Portrait weicher zeichnen
Image des Sommers: Blätter grün statt braun
Realistisch wirkende Schatten unter dem Auto ergänzen
an der Lampe das Licht ausschalten
Augen öffnen
Cinematic Look, aber die Hauttöne behalten
4k, schärfer, weniger Rauschen
Two-Tone Look mit Blau und Orange
"""
FRENCH = """
plus de contraste
photo plus claire
image plus chaude
portrait en noir et blanc
enlever la femme à gauche
a l'arrière-plan, un ciel de nuit
scene de nuit plutôt que de jour
portrait sans lunettes
image moins saturée
supprimer le bokeh
photo HDR trop forte, adoucir
cinematic, mais garder la peau naturelle
a gauche, une lampe
"""
ITALIAN = """
a sinistra metti un albero
a destra aggiungi una lampada
an ora prima del tramonto
cielo più scuro
a colori, non in bianco e nero
elimina il bokeh
image più calda
a mezzogiorno invece che di sera
togli l'uomo sullo sfondo
rendi la foto più luminosa
portrait con luce morbida
a terra, foglie secche
"""
CHANGES = """
add bokeh
remove the HDR look
more bokeh behind her
make it a masterpiece
a little warmer
a bit darker
the sky in 4k sharpness, please remove the noise
"""
SCENES = """
a castle on a hill, at dusk
portrait of a king, 8k
a tower by the river
masterpiece, best quality, 8k
Two dogs in the snow
A beautiful woman in a red dress
a cat
photo of a lake
cinematic shot of an old man, bokeh
"""


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("wish", _lines(GERMAN + FRENCH + ITALIAN))
def test_a_wish_in_another_language_is_not_taken_for_a_scene(wish: str) -> None:
    assert not describes_a_scene(wish)


@pytest.mark.parametrize("wish", _lines(CHANGES))
def test_a_word_of_scenes_in_a_change_makes_no_scene_of_it(wish: str) -> None:
    assert not describes_a_scene(wish)


@pytest.mark.parametrize("wish", _lines(SCENES))
def test_a_scene_in_english_is_known(wish: str) -> None:
    assert describes_a_scene(wish)
