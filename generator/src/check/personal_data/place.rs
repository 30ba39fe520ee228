//! Finds home addresses and postcodes. Those of public places, such as a library, are not personal data.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::organisation::Organisation;
use super::{find, pattern};

/// A postcode (BS 7666) with its space. The last two letters are never C, I, K, M, O or V.
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern("(?<![A-Za-z0-9])([A-Z]{1,2})[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])")
});

/// A number, a name and a kind of street. Kinds that are also other things, such as `Way` and `Hill`, are left out.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?<![A-Za-z0-9/.,£-])(?:Flat [0-9]+[A-Za-z]?,? )?([0-9]{1,3}[a-zA-Z]?),? (?:[A-Z][A-Za-z'’.-]+ ){1,3}\
         (?:Street|Road|Avenue|Lane|Close|Drive|Crescent|Terrace|Grove|Mews|St|Rd|Ave)(?![A-Za-z])",
    )
});

/// Words for places where no one lives, or that anyone may visit.
static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?i)(?<![a-z])(?:centre|center|hall|church|chapel|cathedral|mosque|masjid|temple|gurdwara|synagogue|\
         school|academy|college|university|nursery|library|museum|theatre|gallery|cinema|park|gardens|allotments?|\
         surgery|clinic|hospital|pharmacy|practice|hospice|hub|office|offices|shop|store|market|caf[eé]|restaurant|\
         pub|inn|hotel|bakery|station|stop|foodbank|bank|court|house|club|gym|council|trust|charity|ltd|studio|venue|\
         workshop|warehouse|garage|arena|stadium)(?![a-z])",
    )
});

/// The postcode areas (Royal Mail).
const AREAS: &str = " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC \
                     EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU \
                     M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS \
                     ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ";

/// Returns the postcodes of homes.
pub(super) fn postcodes(line: &str, organisation: &Organisation) -> Vec<Range<usize>> {
    if names_public_place(line) {
        return Vec::new();
    }
    find(&POSTCODE, line, |captures| {
        is_area(&captures[1]) && !organisation.has_postcode(&captures[0])
    })
}

/// Returns the postcodes in a text.
pub(super) fn postcodes_in(text: &str) -> Vec<String> {
    find(&POSTCODE, text, |_| true).into_iter().map(|range| text[range].to_owned()).collect()
}

fn is_area(letters: &str) -> bool {
    AREAS.contains(&format!(" {letters} "))
}

/// Returns the home addresses.
pub(super) fn home_addresses(line: &str, organisation: &Organisation) -> Vec<Range<usize>> {
    if names_public_place(line) {
        return Vec::new();
    }
    find(&ADDRESS, line, |captures| !organisation.has_address(&captures[0]))
}

fn names_public_place(line: &str) -> bool {
    PUBLIC.is_match(line).unwrap_or(true)
}
