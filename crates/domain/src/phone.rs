//! Phone numbers in E.164, checked against the world's numbering plans.

use std::{collections::HashMap, sync::LazyLock};

use phonenumber::{Metadata, Type, metadata::DATABASE};
use regex::{Regex, RegexBuilder};
use rollbook_wire::Code;
use serde::{Deserialize, Serialize};

use crate::{Problem, text::text_type};

/// The longest input: fifteen digits (E.164) and as many signs between them.
const MAX_BYTES: usize = 32;

/// The kinds of number that belong to a subscriber and can be called from abroad.
const KINDS: [Type; 10] = [
    Type::FixedLine,
    Type::Mobile,
    Type::TollFree,
    Type::PremiumRate,
    Type::SharedCost,
    Type::PersonalNumber,
    Type::Voip,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
];

/// A phone number in E.164: `+`, country calling code, national number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

text_type!(PhoneNumber);

impl PhoneNumber {
    /// Reads a number that starts with `+`; [`Code::FormParamFormatInvalid`] when no plan has it.
    ///
    /// Spaces, hyphens, dots and parentheses between the digits are formatting.
    /// The digits themselves are never changed: a national prefix, as in
    /// `+44 (0)20…`, is refused rather than guessed away. The fictional numbers
    /// of test mode, `+1 xxx 555 01xx`, are always valid.
    pub fn parse(text: &str, param: &str) -> Result<Self, Problem> {
        normalize(text).map(Self).ok_or_else(|| {
            Problem::param(
                Code::FormParamFormatInvalid,
                param,
                format!("{param} must be a valid phone number in E.164 form such as +15555550100."),
            )
        })
    }

    /// Whether this is a fictional number, `+1 xxx 555 01xx`.
    pub fn is_for_tests(&self) -> bool {
        self.0.strip_prefix('+').is_some_and(is_fictional)
    }

    /// The country by ISO 3166-1 alpha-2, if its plan has the number and it is one.
    pub fn country(&self) -> Option<&'static str> {
        let digits = self.0.strip_prefix('+')?;
        (1..=3).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            let regions = DATABASE.by_code(&code.parse().ok()?)?;
            let mut countries = regions.into_iter().filter(|region| region.id().len() == 2);
            let has = |region: &&Metadata| {
                national_number(&[region]).is_some_and(|plan| plan.is_match(national))
            };
            countries.find(has).map(Metadata::id)
        })
    }

    /// Whether `code` is a country that has phone numbers.
    pub fn is_country(code: &str) -> bool {
        DATABASE.by_id(code).is_some()
    }

    /// Loads the numbering plans, which takes about 0.2 s once.
    ///
    /// Call it from a thread of its own at start, lest the first number stall an async worker.
    pub fn load_plans() {
        LazyLock::force(&PLANS);
    }
}

fn normalize(text: &str) -> Option<String> {
    let formatted = text.strip_prefix('+').filter(|_| text.len() <= MAX_BYTES)?;
    let admitted = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')');
    if !formatted.chars().all(admitted) {
        return None;
    }
    let digits: String = formatted.chars().filter(char::is_ascii_digit).collect();
    (digits.len() <= 15 && (is_fictional(&digits) || is_valid(&digits)))
        .then(|| format!("+{digits}"))
}

/// Numbers that the North American plan keeps for fiction: `xxx 555 0100` to `0199`.
fn is_fictional(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.get(4..9) == Some("55501")
}

/// No calling code begins another, so at most one length fits.
fn is_valid(digits: &str) -> bool {
    (1..=3).any(|length| {
        let Some((code, national)) = digits.split_at_checked(length) else { return false };
        code.parse().ok().and_then(|code: u16| PLANS.get(&code)).is_some_and(|plan| {
            plan.as_ref().is_some_and(|national_number| national_number.is_match(national))
        })
    })
}

/// What a national number looks like, by calling code; compiled when first needed.
///
/// The library's own parser is left aside: it strips what might be a national
/// prefix, sometimes from numbers that are right as they stand, compiles its
/// expressions under one lock and does not anchor them.
static PLANS: LazyLock<HashMap<u16, Plan>> = LazyLock::new(|| {
    // By code and not `DATABASE.iter()`, where all plans without a country share one entry.
    (1..=999)
        .filter_map(|code| Some((code, DATABASE.by_code(&code)?)))
        .map(|(code, regions)| {
            let compile: Compile = Box::new(move || national_number(&regions));
            (code, LazyLock::new(compile))
        })
        .collect()
});

type Plan = LazyLock<Option<Regex>, Compile>;
type Compile = Box<dyn FnOnce() -> Option<Regex> + Send>;

fn national_number(regions: &[&Metadata]) -> Option<Regex> {
    let patterns: Vec<&str> = regions
        .iter()
        .flat_map(|region| KINDS.iter().filter_map(|kind| region.descriptors().get(*kind)))
        .map(|kind| kind.national_number().as_str())
        .collect();
    RegexBuilder::new(&format!("^(?:{})$", patterns.join("|")))
        .ignore_whitespace(true)
        .unicode(false)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(text: &str) -> Option<String> {
        PhoneNumber::parse(text, "phone_number").ok().map(Into::into)
    }

    #[test]
    fn formatting_is_dropped_and_digits_are_kept() {
        for (given, kept) in [
            ("+15555550100", "+15555550100"),
            ("+1 (555) 555-0199", "+15555550199"),
            ("+1 415.555.0123", "+14155550123"),
            ("+1 650 253 0000", "+16502530000"),
            ("+44 20 7946 0958", "+442079460958"),
            ("+39 06 698 1234", "+39066981234"),
            ("+49 30 123456", "+4930123456"),
            ("+800 1234 5678", "+80012345678"),
            ("+54 9 11 2345-6789", "+5491123456789"),
        ] {
            assert_eq!(stored(given).as_deref(), Some(kept), "{given}");
        }
    }

    #[test]
    fn what_no_plan_has_is_refused_by_name() {
        for text in [
            "",
            "+",
            "+1",
            "15555550100",
            "555-0100",
            "0015555550100",
            "++15555550100",
            "+1555555010",
            "+155555501000",
            "+15555550200",
            "+99912345678",
            "+0123456789",
            "+1 650 253 0000 ext 5",
            "+1650253000a",
            "tel:+16502530000",
            "+１６５０２５３００００",
            "+44 (0)20 7946 0958",
            " +16502530000",
            "+16502530000\0",
            "+1\u{A0}650 253 0000",
            "+(((((((((((((((16502530000))))))))))))))",
        ] {
            let problem = PhoneNumber::parse(text, "phone_number").expect_err(text);
            assert_eq!(problem.code, Code::FormParamFormatInvalid);
            assert_eq!(problem.meta["param_name"], "phone_number");
        }
    }

    #[test]
    fn every_plan_compiles_and_admits_its_own_examples() {
        assert!(PLANS.len() > 200);
        for (code, plan) in PLANS.iter() {
            assert!(plan.is_some(), "{code}");
        }
        let mut examples = 0;
        for region in PLANS.keys().filter_map(|code| DATABASE.by_code(code)).flatten() {
            for kind in KINDS.iter().filter_map(|kind| region.descriptors().get(*kind)) {
                let Some(example) = kind.example() else { continue };
                let number = format!("+{}{example}", region.country_code());
                assert_eq!(stored(&number).as_deref(), Some(number.as_str()), "{}", region.id());
                examples += 1;
            }
        }
        assert!(examples > 500, "{examples}");
    }

    #[test]
    fn the_country_of_a_number_is_told_apart_within_one_calling_code() {
        for (number, country) in [
            ("+16502530000", Some("US")),
            ("+14165550123", Some("CA")),
            ("+442079460958", Some("GB")),
            ("+4930123456", Some("DE")),
            ("+80012345678", None),
        ] {
            assert_eq!(PhoneNumber::parse(number, "p").expect(number).country(), country);
        }
        assert!(PhoneNumber::is_country("DE") && !PhoneNumber::is_country("XX"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), signs in "\\+[0-9 ().+-]{0,40}") {
            let _ = stored(&text);
            if let Some(once) = stored(&signs) {
                let again = stored(&once);
                prop_assert_eq!(again, Some(once));
            }
        }
    }
}
