//! Names and descriptions for people, as roles and permissions have them.

use rollbook_domain::{Problem, parse_name};
use rollbook_wire::Code;

/// A name, if one is given: 1 to 256 characters.
pub(crate) fn name(text: Option<&str>, problems: &mut Vec<Problem>) -> Option<String> {
    let text = text?;
    let read = parse_name(text, "name").and_then(|name| {
        let empty =
            || Problem::param(Code::FormParamValueInvalid, "name", "name must not be empty.");
        name.map(String::from).ok_or_else(empty)
    });
    read.map_err(|problem| problems.push(problem)).ok()
}

/// A description, if one is given: at most 256 characters; an empty one is none.
pub(crate) fn description(text: Option<&str>, problems: &mut Vec<Problem>) -> Option<String> {
    let read = parse_name(text?, "description");
    read.map_err(|problem| problems.push(problem)).ok().flatten().map(String::from)
}
