"""Addresses of people whom nobody told us go from a text, and what stands beside them stays."""

from itertools import pairwise

import pytest

from greycloak.text.patterns import findings

ANNOUNCED = """
lives at 12 Brookside Lane, Apt 4, Little Compton, RI 02837
lives at 7 Kestrel Drive, Unit 12, Oakhaven 30911
Address: 1408 N Larkspur St., Suite 200, East Wexham, OH 44119
resides Cedar Ridge, 41 Quillon Road
home: Flat 3, 18 Penrose Gardens, Upper Wickham
addr 98, rue Le Goff, Brionne-la-Forêt 27800
adresse: 5 bis, avenue Kléber, 75116 Paris
wohnhaft Am Wiesengrund 14, 24837 Schleswig
Anschrift: Käthe-Kollwitz-Platz 6/2, Ueckermünde 17373
Adresse: Dorfstr. 3a, 8305 Dietlikon
dirección: Callejón de la Rosa 61, Apt. 24, Alcoy 03801
domicilio: Pasaje de los Olivos 45 Piso 3, Cuenca
indirizzo: Contrada Santa Lucia 88 Appartamento 7, Noto 96017
endereço: Travessa das Flores 12, 4050-253 Porto
adres: Prinsengracht 263, 1016 GV Amsterdam
zam. ul. Długa 5/7, 31-147 Kraków
адрес: ул. Лесная, д. 28 стр. 3/8, Тверь 170100
адрес: пр. Гагарина, д. 69 к. 2
住所: 東京都世田谷区北沢2丁目8-18
地址: 北京市海淀区中关村大街27号
주소: 서울특별시 종로구 세종대로 209
home: 광주광역시 성동구 오금562거리 444-13, 예산군 06584
""".strip().splitlines()

FOLLOWED = """
lives at 12 Brookside Lane | Lung nodule follow up
746, avenue Perrin | einer Fraktur
01972 Larkspur Road | CLAHE
home: Flat 3, 18 Penrose Gardens | axial T2 FLAIR
Adresse: Dorfstr. 3a, 8305 Dietlikon | Pas de lésion suspecte
wohnhaft Am Wiesengrund 14 | Verdacht auf Pneumonie
""".strip().splitlines()

NO_ADDRESSES = """
120 HU Dr.
window 40 level 400, Brain
home: oxygen 2 l
discharged home
address the lesion at follow up
Adresse unbekannt
3 views, Knee
Paris 2 mm
Ring 2 cm
Circle of Willis 5 mm
2 Plane Localizer
""".strip().splitlines()


@pytest.mark.parametrize("text", ANNOUNCED)
def test_an_address_behind_a_word_that_announces_it_goes_to_its_end(text):
    found = findings(text)
    assert found
    rest = "".join(text[one.stop : other.start] for one, other in pairwise(found)) + text[found[-1].stop :]
    assert not any(map(str.isalnum, rest)), rest


@pytest.mark.parametrize("line", FOLLOWED)
def test_an_address_ends_where_the_examination_begins(line):
    address, rest = line.split(" | ")
    text = f"{address} {rest}"
    found = findings(text)
    assert max(one.stop for one in found) == len(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_numbers_and_places_of_an_examination_are_no_address(text):
    assert [one for one in findings(text) if one.kind in {"address", "postal"}] == []
