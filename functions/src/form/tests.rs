#![allow(
    clippy::disallowed_methods,
    reason = "the campaign's own definitions are read as they are"
)]
use super::html::{FormState, render, summary};
use super::*;
use crate::submission::validate;

fn campaign(name: &str) -> Form {
    let path = format!("{}/../content/forms/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let organisation = Organisation {
        phone: Some("01632 960123".to_owned()),
        email: Some("hello@example.org".to_owned()),
    };
    Form::parse_for(&organisation, name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    Answers::new(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
}

#[test]
fn the_campaigns_forms_read_and_keep_their_digest() {
    for name in ["newsletter", "volunteer", "chat"] {
        let form = campaign(name);
        assert_eq!(form.name(), name);
        let again: Form = serde_json::from_str(&form.canonical_json()).unwrap();
        assert_eq!(again.digest(), form.digest());
        assert_eq!(again, form);
    }
}

#[test]
fn a_form_says_its_own_number_or_that_of_its_site() {
    let text = "title: Lunch\nfields:\n  - name: name\n    kind: full-name\n    label: Your name\n\
                submit: Send\nthanks:\n  title: Thank you\n  next: Ring us on {phone}.\n";
    let missing = Form::parse("lunch", text).unwrap_err();
    assert_eq!(missing[0].message, "`phone` is missing");
    let organisation = Organisation {
        phone: Some("+44 1632 960123".to_owned()),
        email: Some("no address".to_owned()),
    };
    let mut form = Form::parse_for(&organisation, "lunch", text).unwrap();
    assert_eq!(form.thanks.next, ["Ring us on [+44 1632 960123](tel:+441632960123)."]);
    assert_eq!((form.phone.as_str(), &form.notify), ("+44 1632 960123", &None));
    form.add_translation("fr", "thanks:\n  title: Merci\n  next: Appelez le {phone}.\n").unwrap();
    let french = form.in_language("fr");
    assert_eq!(french.thanks.next, ["Appelez le [+44 1632 960123](tel:+441632960123)."]);
    let own = format!("{text}phone: 01632 960999\nnotify: lunch@example.org\n");
    let own = Form::parse_for(&organisation, "lunch", &own).unwrap();
    assert_eq!(own.thanks.next, ["Ring us on [01632 960999](tel:01632960999)."]);
    assert_eq!(own.notify.as_deref(), Some("lunch@example.org"));
}

#[test]
fn links_of_a_site_in_a_folder_of_its_host_lead_below_it() {
    let text = "title: Lunch\nfields:\n  - name: name\n    kind: full-name\n    label: Your name\n\
                submit: Send\nphone: 01632 960123\n\
                intro: Read [how](/how/), or [ask](mailto:a@example.org), [us](/) (/not/) and [so on](#).\n\
                thanks:\n  title: Thank you\n  next: '[Home](/)'\n";
    let mut form = Form::parse("lunch", text).unwrap();
    form.add_translation("fr", "intro: '[Comment](/fr/how/)'\n").unwrap();
    form.place_below("/our-site");
    assert_eq!(
        form.intro,
        ["Read [how](/our-site/how/), or [ask](mailto:a@example.org), [us](/our-site/) (/not/) \
          and [so on](#)."]
    );
    assert_eq!(form.thanks.next, ["[Home](/our-site/)"]);
    assert_eq!(form.in_language("fr").intro, ["[Comment](/our-site/fr/how/)"]);
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let text = "titel: Chat\nfields:\n  - name: e mail\n    kind: emial\n    label: [3]\n  - name: a\n    kind: choice\n    label: A\n    choices: [x, x]\n    optional: perhaps\nsubmit: Go\nthanks:\n  title: Thanks\nphone: '1'\n";
    let errors = Form::parse("chat", text).unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|e| (e.place.line, e.message.as_str(), e.help.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "unknown key `titel`", "did you mean `title`?"),
            (
                3,
                "a field cannot be called `e mail`",
                "use lower-case letters, digits and `_`, beginning with a letter"
            ),
            (4, "unknown kind `emial`", "did you mean `email`?"),
            (5, "`label` must be text, not a list", "write it as one text: `\"3\"`"),
            (9, "`x` is listed twice", "keep one of the two"),
            (
                10,
                "`optional` must be `true` or `false`, not text",
                "write `optional: true` or `optional: false`"
            ),
            (12, "`next` is missing", "add `next: …`"),
        ]
    );
}

#[test]
fn one_mistake_is_one_error() {
    const FORM: &str = "title: A\nfields:\n  - name: a\n    kind: text\n    label: A\nsubmit: Go\n\
                        thanks:\n  title: Thanks\n  next: Bye\nphone: 01632 960123\n";
    for (from, to, line, message, help) in [
        ("    label:", "    lable:", 5, "unknown key `lable`", "did you mean `label`?"),
        ("  next:", "  nxt:", 9, "unknown key `nxt`", "did you mean `next`?"),
        ("submit: Go", "submit:", 6, "`submit` is empty", "write it after the colon: `submit: …`"),
        (
            "- name: a\n    kind: text\n    label: A",
            "name: a\n  kind: text\n  label: A",
            3,
            "`fields` must be a list, not a group of keys",
            "put `- ` before the first key of each item: `- name: a`",
        ),
        (
            "  - name: a\n    kind: text\n    label: A\n",
            "",
            2,
            "`fields` is empty",
            "write its items on the lines below it, each after `- `",
        ),
        (
            "thanks:\n  title: Thanks\n  next: Bye\n",
            "thanks:\n  title Thanks\n",
            8,
            "expected a group of keys, found text",
            "put a colon after the key: `title: Thanks`",
        ),
        (
            "submit: Go",
            "submit: Go\nkeep_days: a year",
            7,
            "`keep_days` must be a whole number from 1 to 3650",
            "write for example `keep_days: 365`",
        ),
        (
            "submit: Go",
            "submit: Go\nkeep_days: 30 days",
            7,
            "`keep_days` must be a whole number from 1 to 3650",
            "write for example `keep_days: 30`",
        ),
        (
            "submit: Go",
            "submit: Go\nkeep_days: 99999999999",
            7,
            "`keep_days` must be a whole number from 1 to 3650",
            "write for example `keep_days: 3650`",
        ),
        (
            "submit: Go",
            "submit: Go\nanswer_within: \"0\"",
            7,
            "`answer_within` must be a whole number from 1 to 60",
            "write for example `answer_within: 1`",
        ),
        (
            "kind: text",
            "kind: text\n    longest: [1]",
            5,
            "`longest` must be a whole number from 1 to 4000",
            "write for example `longest: 200`",
        ),
    ] {
        let text = FORM.replacen(from, to, 1);
        assert_ne!(text, FORM);
        let errors = Form::parse("lunch", &text).unwrap_err();
        let first = (errors[0].place.line, errors[0].message.as_str(), errors[0].help.as_deref());
        assert_eq!(first, (line, message, Some(help)), "{text}");
        let is_alone = errors.len() == 1 || from.starts_with("thanks");
        assert!(is_alone, "{text}{errors:?}");
    }
}

#[test]
fn an_empty_form_shows_no_problem() {
    let form = campaign("volunteer");
    let html = render(&form, &FormState::default());
    assert!(html.starts_with("<form class=\"form\" method=\"post\" action=\"/api/volunteer\""));
    assert!(html.contains(&format!("name=\"_form\" value=\"{}\"", form.digest())));
    assert!(html.contains("<details class=\"details\">"));
    assert!(!html.contains("error"));
    assert!(!html.contains(" style="));
    assert_eq!(summary(&form, &FormState::default()), "");
}

#[test]
fn a_wrong_form_keeps_every_answer_and_names_each_problem_twice() {
    let form = campaign("volunteer");
    let answers = answers(&[
        ("name", "Mrs \"P\" <script>"),
        ("contact", "ring the bell"),
        ("passions", "Cooking and baking"),
        ("passions_other", "Bees"),
        ("anything", "\n I'm new & shy"),
    ]);
    let problems = validate(&form, &answers).unwrap_err();
    assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["contact", "adult"]);
    let state = FormState { answers, problems, ..FormState::default() };
    let (html, summary) = (render(&form, &state), summary(&form, &state));
    assert!(html.contains("value=\"Mrs &quot;P&quot; &lt;script&gt;\""));
    assert!(html.contains("value=\"Cooking and baking\" checked"));
    assert!(html.contains("value=\"Bees\""));
    assert!(html.contains(">\n\n I&#39;m new &amp; shy</textarea>"));
    assert!(html.contains("<details class=\"details\" open>"));
    assert!(html.contains("aria-describedby=\"volunteer-contact-hint volunteer-contact-error\""));
    assert!(summary.contains("<a href=\"#volunteer-adult\">Select yes if you are 18 or over</a>"));
    assert_eq!(html.matches("Select yes if you are 18 or over").count(), 1);
    assert!(html.contains("id=\"volunteer-adult\""));
}

#[test]
fn paragraphs_take_links_and_nothing_else() {
    let html = html::paragraphs(
        &campaign("chat"),
        "",
        &["See [privacy](/privacy/) & <b>[bad](javascript:alert(1))</b> [x](//evil.example)"
            .into()],
    );
    assert_eq!(
        html,
        "<p>See <a href=\"/privacy/\">privacy</a> &amp; &lt;b&gt;[bad](javascript:alert(1))\
         &lt;/b&gt; [x](//evil.example)</p>\n"
    );
}

/// The ids of the inputs that are marked as wrong.
fn invalid(html: &str) -> Vec<&str> {
    let inputs = html.split("<input ").filter(|input| {
        input.split('>').next().is_some_and(|tag| tag.contains("aria-invalid=\"true\""))
    });
    inputs.map(|input| input.split('"').nth(3).unwrap()).collect()
}

#[test]
fn a_date_marks_and_links_the_parts_that_are_wrong() {
    let text = "title: Lunch\nphone: '1'\nsubmit: Send\nthanks:\n  title: T\n  next: N\nfields:\n  - name: born\n    \
                kind: date\n    label: Date of birth\n  - name: food\n    kind: choice\n    label: Food\n    \
                choices: [Soup]\n    other: Something else\n    longest: 5\n    optional: true\n";
    let form = Form::parse("lunch", text).unwrap();
    for (given, wrong) in [
        (&[][..], &["lunch-born_day", "lunch-born_month", "lunch-born_year"][..]),
        (&[("born_day", "3"), ("born_year", "1980")], &["lunch-born_month"]),
        (&[("born_day", "٣"), ("born_month", "١"), ("born_year", "80")], &["lunch-born_year"]),
        (&[("born_month", "1")], &["lunch-born_day", "lunch-born_year"]),
        (
            &[("born_day", "31"), ("born_month", "2"), ("born_year", "1980")],
            &["lunch-born_day", "lunch-born_month", "lunch-born_year"],
        ),
        (
            &[
                ("born_day", "3"),
                ("born_month", "1"),
                ("born_year", "1980"),
                ("food_other", "Bread and cheese"),
            ],
            &["lunch-food-other"],
        ),
    ] {
        let answers = answers(given);
        let problems = validate(&form, &answers).unwrap_err();
        let state = FormState { answers, problems, ..FormState::default() };
        let (html, summary) = (render(&form, &state), summary(&form, &state));
        assert_eq!(invalid(&html), wrong, "{given:?}");
        assert!(summary.contains(&format!("<a href=\"#{}\">", wrong[0])), "{summary}");
        for (_, value) in given {
            assert!(html.contains(&format!("value=\"{value}\"")), "what was typed stays: {html}");
        }
    }
}
