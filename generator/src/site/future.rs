//! Finds pages that are published although their `date` is in the future.

use super::{Page, Site};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::parse::{Located, Moment, SortBy};

impl Site {
    /// Returns a warning for each page that is published at `now` (seconds since 1970) although its
    /// `date` is later, and the next moment at which one of the warnings no longer applies.
    pub fn future_dates(&self, now: i64) -> (Vec<Diagnostic>, Option<i64>) {
        let pages = self.iter().map(|(_, page)| page);
        let dated = pages.filter_map(|page| Some((page, page.meta.front.date.as_ref()?)));
        let future = dated.filter(|(_, date)| date.value.seconds > now);
        let future: Vec<_> = future.filter(|(page, _)| self.is_doubtful(page)).collect();
        let until = future.iter().map(|(_, date)| date.value.seconds).min();
        (future.into_iter().map(|(page, date)| self.warning(page, date)).collect(), until)
    }

    /// Whether a future date may be meant as a publish date.
    fn is_doubtful(&self, page: &Page) -> bool {
        let front = &page.meta.front;
        let is_withheld = front.draft || (front.unreviewed.is_some() && !page.is_fallback);
        // A translation inherits the date of its original, which is reported there.
        let original = self.find(LanguageId::FIRST, page.name()).map(|id| self.page(id));
        let has_own_date = page.language.is_first()
            || original.is_none_or(|original| original.meta.front.date != front.date);
        !is_withheld && front.publish_on.is_none() && has_own_date && !self.expects_future(page)
    }

    fn warning(&self, page: &Page, date: &Located<Moment>) -> Diagnostic {
        let path = format!("content/{}", page.meta.path);
        let message = "this date is in the future, but the page is published now";
        let help = format!(
            "to publish the page on that day, add `publish_on: {}`; if pages in this section may \
             have future dates, such as events, write `future_dates: true` in content/{}",
            date.value.iso(),
            self.nearest_index(page)
        );
        Diagnostic::warning(path, message).at(date.place).help(help)
    }
}

impl Site {
    /// Whether future dates are expected in a page's section: it or a section above it says so, or
    /// it lists the soonest date first.
    fn expects_future(&self, page: &Page) -> bool {
        let mut indexes = self.indexes(page).map(|index| &index.meta.front.section);
        let is_soonest_first = self
            .section(page.language, &page.folder)
            .and_then(|section| Some(&self.page(section.index?).meta.front.section))
            .is_some_and(|own| own.reverse && own.sort_by.is_none_or(|by| by == SortBy::Date));
        indexes.find_map(|index| index.future_dates).unwrap_or(is_soonest_first)
    }

    /// The path below `content/` of the nearest section page.
    fn nearest_index<'a>(&'a self, page: &'a Page) -> &'a str {
        self.indexes(page).next().map_or(super::HOME, |index| index.name())
    }

    /// The pages of the sections that contain a page, nearest first.
    fn indexes<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = &'a Page> {
        let folders = std::iter::successors(Some(page.folder.as_str()), |folder| {
            let above = folder.rfind('/').map_or("", |end| &folder[..end]);
            (!folder.is_empty()).then_some(above)
        });
        folders.filter_map(|folder| Some(self.page(self.section(page.language, folder)?.index?)))
    }
}
