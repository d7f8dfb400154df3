"""What is asked on which page of the editor: each section with its fields, and rows where there can be several."""

from app import web
from app.domain.programmes import facts
from app.i18n import later
from app.pages.programmes.entries import (
    NAME,
    Entry,
    Rows,
    Section,
    choice,
    day,
    lines,
    long,
    number,
    offered,
    suggested,
    text,
    wide,
)

PUBLISH = "publish"
SECTIONS: dict[str, Section] = {
    "name": Section(
        later("Name and purpose"),
        later("What people read first."),
        {
            "title_de": text(later("Title (German)"), needed=True),
            "title_en": text(later("Title (English)")),
            "kind": choice(later("Kind of programme"), facts.KINDS),
            "purpose_de": long(
                later("Summary (German)"),
                later("What the programme is for, in two or three sentences."),
                needed=PUBLISH,
            ),
            "purpose_en": long(later("Summary (English)")),
        },
    ),
    "dates": Section(
        later("Period and as-of date"),
        later("When the programme runs, and on which day everything on its page is so."),
        {
            "as_of": day(later("As of"), needed=PUBLISH),
            "start": day(later("Beginning")),
            "end": day(later("End")),
        },
    ),
    "target-groups": Section(
        later("Target groups"),
        later("Whom the programme is for, who belongs to each group, and who does not."),
        {
            "open_to": lines(later("Also open to")),
            "constraint": text(later("Condition"), hint=later("For example: no displacement on the labour market")),
        },
        Rows(
            "target_groups",
            facts.TargetGroup,
            later("Target group"),
            later("Add a target group"),
            "label",
            {
                "label": wide(later("Group"), needed=True),
                "includes": lines(later("Who belongs to it"), later("One rule per line, for example: over 35 years")),
                "excludes": lines(later("Who does not belong to it"), later("One rule per line.")),
            },
        ),
    ),
    "relations": Section(
        later("Not to be confused with"),
        later("Programmes that are easily taken for this one. Both pages will name each other and the difference."),
        rows=Rows(
            "relations",
            facts.Relation,
            later("Other programme"),
            later("Add a programme"),
            "difference",
            {
                "key": offered(later("The other programme"), "programmes"),
                "name": text(later("Its name, if it is not in the list"), NAME),
                "difference": long(later("How the other programme differs"), needed=True),
                "own": long(later("What holds for this programme instead")),
                "since": day(later("Since when there is the other programme")),
            },
        ),
    ),
    "roles": Section(
        later("Who takes part"),
        later("One organisation may have several tasks, and several may share one: use a row for each."),
        {"granting_body": text(later("Granting body"), NAME, later("Who decides about applications and pays."))},
        Rows(
            "roles",
            facts.Role,
            later("Participant"),
            later("Add a participant"),
            "organisation",
            {
                "role": choice(later("Task"), facts.ROLES, needed=True),
                "organisation": suggested(later("Organisation"), "organisations", needed=True),
                "part_of": text(later("Part of"), NAME, later("If it belongs to a larger organisation.")),
            },
        ),
    ),
    "contact": Section(
        later("Contact"),
        later("An office rather than a person: it is still right when somebody leaves."),
        {
            "contact_name": text(later("Organisation or office"), NAME),
            "contact_address": long(later("Address")),
            "contact_phone": text(later("Telephone"), 60),
            "contact_fax": text(later("Fax"), 60),
            "contact_email": Entry(later("E-mail address"), web.email(required=False)),
        },
    ),
    "sites": Section(
        later("Regions and sites"),
        later("Where the programme is. Visitors find it by these regions."),
        rows=Rows(
            "sites",
            facts.Site,
            later("Site"),
            later("Add a site"),
            "name",
            {
                "name": text(later("Name"), NAME, needed=True),
                "type": choice(later("Type"), facts.SITES),
                "region": suggested(later("Region"), "places", later("If the name is not the region itself.")),
                "address": long(later("Address")),
            },
        ),
    ),
    "steps": Section(
        later("Steps"),
        later("What is done one after the other. The numbers come by themselves."),
        {"work_packages": lines(later("Work packages"))},
        Rows(
            "steps",
            facts.Step,
            later("Step"),
            later("Add a step"),
            "text",
            {
                "text": long(later("What is done"), needed=True),
                "covers": Entry(
                    later("For how many steps this text stands"),
                    web.integer(1, 9),
                    "number",
                    later("Usually 1. With 2, two steps share the text."),
                ),
            },
        ),
    ),
    "funding": Section(
        later("Money"),
        later("Where the money comes from. Leave the amount empty where it is not known."),
        rows=Rows(
            "funding",
            facts.Amount,
            later("Source"),
            later("Add a source or another amount"),
            "source",
            {
                "source": wide(later("Where the money comes from"), NAME),
                "cents": Entry(later("Amount"), web.money(), "euro"),
                "about": Entry(later("The amount is approximate"), web.checked(), "tick"),
                "stated_by": text(later("Who states this amount"), NAME),
                "stated_on": day(later("Stated on")),
                "valid": Entry(
                    later("This amount is the valid one"),
                    web.checked(),
                    "tick",
                    later("Only needed where several amounts are stated for the same money."),
                ),
            },
        ),
    ),
    "staffing": Section(
        later("Staff"),
        later("Posts before and after, a row for each post or site. The page says it in one sentence."),
        rows=Rows(
            "staffing",
            facts.Staffing,
            later("Post"),
            later("Add a post"),
            "function",
            {
                "function": text(later("Function"), NAME, later("One person, for example: job coach"), needed=True),
                "functions": text(later("Function, several persons"), NAME, later("For example: job coaches")),
                "site": suggested(later("Site"), "sites"),
                "before": Entry(
                    later("Share of a full-time post before"),
                    web.number(least=facts.NONE),
                    "number",
                    later("For example 0,5"),
                ),
                "after": Entry(
                    later("Share of a full-time post after"),
                    web.number(required=True, least=facts.NONE),
                    "number",
                    later("For example 1"),
                    needed=True,
                ),
                "since": day(later("Since")),
            },
        ),
    ),
    "targets": Section(
        later("Targets"),
        later("What is to be reached until when. Without a baseline the page says that it is missing."),
        rows=Rows(
            "targets",
            facts.Target,
            later("Target"),
            later("Add a target"),
            "label",
            {
                "key": Entry("", web.text(40), "hidden"),
                "label": wide(later("What is to be reached or changed"), needed=True),
                "scope": text(later("For whom it holds"), NAME, later("For example: the authority as an employer")),
                "kind": choice(later("Kind of target"), facts.TARGETS, needed=True),
                "wanted": number(
                    later("Target value"), later("A change with its sign: −10 means 10 less."), needed=True
                ),
                "unit": text(later("Unit"), 60, later("For example: persons")),
                "due": day(later("To be reached by")),
                "baseline": number(later("Baseline")),
                "baseline_on": day(later("Baseline as of")),
            },
        ),
    ),
    "parts": Section(
        later("Parts of targets"),
        later("Where a target is made of parts. Together they make the whole target."),
        rows=Rows(
            "parts",
            facts.TargetPart,
            later("Part"),
            later("Add a part"),
            "wanted",
            {
                "target": offered(later("Target"), "targets", needed=True),
                "label": text(later("Part"), NAME),
                "wanted": number(later("Target value"), needed=True),
            },
        ),
    ),
    "actuals": Section(
        later("Reported so far"),
        later("What was reached on which day. The page shows the newest report."),
        rows=Rows(
            "actuals",
            facts.Actual,
            later("Report"),
            later("Add a report"),
            "value",
            {
                "target": offered(later("Target"), "targets", needed=True),
                "day": day(later("Day"), needed=True),
                "value": number(later("Value"), needed=True),
            },
        ),
    ),
    "rollout": Section(
        later("Roll-out"),
        later("How far the programme has come in which region."),
        {"rollout_goal": text(later("To be introduced in"), NAME, later("For example: all regions"))},
        Rows(
            "regions",
            facts.Region,
            later("Region"),
            later("Add a region"),
            "name",
            {
                "name": text(later("Region"), NAME, needed=True),
                "status": choice(later("State"), facts.STATUSES, needed=True),
                "since": day(later("Since")),
            },
        ),
    ),
    "experience": Section(
        later("Experience from the regions"),
        later("What those report who have tried it."),
        rows=Rows(
            "experience",
            facts.Experience,
            later("Report"),
            later("Add a report"),
            "region",
            {
                "region": suggested(later("Region"), "places", needed=True),
                "text": long(later("What is reported"), needed=True),
                "told_by": text(later("Who reports it"), NAME),
                "told_on": day(later("Day")),
            },
        ),
    ),
    "news": Section(
        later("News"),
        later("Each with its own date: “this month” is another month for every reader."),
        rows=Rows(
            "news",
            facts.News,
            later("News item"),
            later("Add a news item"),
            "title",
            {
                "day": day(later("Day"), needed=True),
                "title": wide(later("Headline"), needed=True),
                "text": long(later("Text")),
                "source": text(later("Source"), NAME),
                "image": offered(later("Picture"), "images"),
            },
        ),
    ),
    "images": Section(
        later("Pictures"),
        later("Pictures for the news, each with whose it is and what it shows."),
        rows=Rows(
            "images",
            facts.Image,
            later("Picture"),
            "",
            "alt",
            {
                "sha256": Entry("", web.text(64), "hidden"),
                "alt": wide(
                    later("What the picture shows"), hint=later("Read to people who do not see it."), needed=True
                ),
                "credit": text(later("Whose picture it is"), NAME, needed=True),
            },
        ),
    ),
}
GROUPS = (
    (later("What it is"), ("name", "dates", "target-groups", "relations")),
    (later("Who and where"), ("roles", "contact", "sites")),
    (later("How it works"), ("steps", "funding", "staffing")),
    (later("What it aims at"), ("targets", "parts", "actuals")),
    (later("How far it has come"), ("rollout", "experience")),
    (later("What is new"), ("news", "images")),
)
