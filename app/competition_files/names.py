"""Names for the people of a competition file that names only their addresses."""

CONTACTS = (
    *("Jona Bogen", "Charlie Liste", "Sam Notiz", "Noa Akte", "Eli Zettel", "Quinn Stempel", "Kaya Mappe"),
    *("Juno Ordner", "Finn Klammer", "Ida Skizze", "Ole Spalte", "Rike Zeile", "Timo Tabelle", "Uli Kopie"),
)
GUESTS = ("Conny Kalender", "Billie Beleg", "Dana Durchschlag", "Ebbe Entwurf")
DUTIES = {
    "regional_coordination": "Regionale Koordination",
    "granting_body_observer": "Beobachtung für die bewilligende Stelle",
}


def of(email: str, invented: tuple[str, ...], number: int) -> str:
    """A name for the owner of an address: invented where the address is, else made of the address."""
    if email.endswith("@example.org"):
        return invented[number % len(invented)]
    return email.split("@")[0].replace(".", " ").replace("_", " ").title()
