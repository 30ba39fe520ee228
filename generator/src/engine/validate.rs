//! Checks a site as a whole: what is doubtful in it, and templates that the theme lacks.

use crate::config;
use crate::diagnostic::Diagnostic;
use crate::render::Templates;
use crate::site::Site;
use crate::theme::contract;
use crate::translations;

/// Returns the warnings about the site as a whole.
pub(super) fn doubts(site: &Site) -> Vec<Diagnostic> {
    let mut warnings = site.expired_links();
    warnings.extend(site.consent_warnings());
    warnings.extend(site.stills());
    warnings.extend(site.orphans());
    warnings.extend(translations::untranslated(&site.config, &site.strings));
    if site.history.as_ref().is_some_and(|history| history.shallow) {
        let warning = Diagnostic::warning(
            config::PATH,
            "the Git history is incomplete, so no page has a date of its last change",
        );
        warnings.push(warning.help("run `git fetch --unshallow`, and build again"));
    }
    warnings
}

/// Reports templates that pages or lists of terms need and the theme lacks.
pub(super) fn missing_templates(site: &Site, templates: &Templates) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for page in site.iter().map(|(_, page)| page).filter(|page| !page.is_fallback) {
        let template = site.template(page);
        if templates.has(template) || site.unread.has_template(template) {
            continue;
        }
        let fault = Diagnostic::error(
            format!("content/{}", page.meta.path),
            format!("the theme has no template `{template}`"),
        );
        let fault = match &page.meta.front.template {
            Some(written) => fault.at(written.place),
            None => fault,
        };
        let former = contract::former_template(template, |name| templates.has(name));
        faults.push(match (contract::replaced(template), former, templates.nearest(template)) {
            (Some(now), ..) => fault.help(format!("its name here is `{now}`")),
            (None, Some(former), _) => {
                fault.help(format!("rename `{former}` in the theme to `{template}`"))
            }
            (None, None, Some(near)) => fault.help(format!("did you mean `{near}`?")),
            (None, None, None) => {
                fault.help("add it to the theme's `templates`, or choose another template")
            }
        });
    }
    for taxonomy in site.taxonomies.iter() {
        for template in ["taxonomy.html", "term.html"] {
            if !templates.has(template) && !site.unread.has_template(template) {
                let message = format!("the theme has no template `{template}` for this");
                let fault = Diagnostic::error(config::PATH, message);
                faults.push(fault.at(taxonomy.settings.name.place).help(
                    "add it to the theme's `templates`, or write `extends: daisy` in its theme.yaml",
                ));
            }
        }
    }
    faults
}
