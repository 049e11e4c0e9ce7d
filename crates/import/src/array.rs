//! JSON arrays, also one in an object and several behind each other, an element at a time.

use std::io::Read;

use crate::input::{Input, Step, Text};
use crate::{Content, Place, ReadError, Row};

pub(crate) struct Array<R> {
    input: Input<R>,
    state: State,
    /// The member of the object at the top that holds the array.
    under: Option<&'static str>,
}

enum State {
    Outside,
    Inside,
    Over,
}

impl<R: Read> Array<R> {
    /// Anywhere but at the start, `at` is behind an element.
    pub(crate) fn new(reader: R, at: Place, under: Option<&'static str>) -> Self {
        let state = if at.offset == 0 { State::Outside } else { State::Inside };
        Self { input: Input::new(reader, at), state, under }
    }

    pub(crate) fn place(&self) -> Place {
        self.input.place()
    }

    pub(crate) fn read(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            match self.state {
                State::Over => return Ok(None),
                State::Outside => self.enter()?,
                State::Inside => {
                    self.input.skip(|byte| is_space(byte) || byte == b',')?;
                    match self.input.peek()? {
                        None => return Err(self.broken("the array has no end")),
                        Some(b']') => {
                            self.byte()?;
                            let only = self.under.is_some();
                            self.state = if only { State::Over } else { State::Outside };
                        }
                        Some(_) => return self.element().map(Some),
                    }
                }
            }
        }
    }

    fn enter(&mut self) -> Result<(), ReadError> {
        // A byte order mark is passed over with the spaces.
        self.input.skip(|byte| is_space(byte) || matches!(byte, 0xef | 0xbb | 0xbf))?;
        match (self.byte()?, self.under) {
            (None, None) => self.state = State::Over,
            (Some(b'['), None) => self.state = State::Inside,
            (Some(b'{'), Some(name)) => self.find(name)?,
            (_, None) => return Err(self.broken("an array was expected")),
            (_, Some(_)) => return Err(self.broken("an object was expected")),
        }
        Ok(())
    }

    /// Goes to the array that the object holds under `name`.
    fn find(&mut self, name: &str) -> Result<(), ReadError> {
        loop {
            self.input.skip(|byte| is_space(byte) || byte == b',')?;
            if self.input.peek()? != Some(b'"') {
                return Err(self.broken("the object has no such array"));
            }
            let key = self.element()?;
            self.input.skip(|byte| is_space(byte) || byte == b':')?;
            let wanted = matches!(&key.content, Content::Json(text)
                if serde_json::from_slice::<String>(text).is_ok_and(|key| key == name));
            if wanted && self.input.peek()? == Some(b'[') {
                self.byte()?;
                self.state = State::Inside;
                return Ok(());
            }
            self.value(&mut Text::none())?;
        }
    }

    fn element(&mut self) -> Result<Row, ReadError> {
        let line = self.input.place().line + 1;
        let mut text = Text::row();
        self.value(&mut text)?;
        let content = text.into_bytes().map_or(Content::TooLong, Content::Json);
        Ok(Row::new(line, content))
    }

    /// Takes one value; only its brackets and strings are looked at.
    fn value(&mut self, text: &mut Text) -> Result<(), ReadError> {
        let (mut depth, mut in_string, mut is_escaped, mut n_taken) = (0_u64, false, false, 0_u64);
        let is_whole = self.input.take(text, |byte| {
            n_taken += 1;
            if in_string {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' => is_escaped = true,
                    b'"' => {
                        in_string = false;
                        if depth == 0 {
                            return Step::Last;
                        }
                    }
                    _ => {}
                }
                return Step::On;
            }
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                // A number or a word ends where something else begins.
                b'}' | b']' | b',' if depth == 0 => return Step::Before,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Step::Last;
                    }
                }
                _ if depth == 0 && is_space(byte) => return Step::Before,
                _ => {}
            }
            Step::On
        })?;
        if !is_whole || n_taken < 2 && depth == 0 && self.input.peek()? == Some(b'}') {
            return Err(self.broken("a value has no end"));
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let byte = self.input.peek()?;
        self.input.take(&mut Text::none(), |_| Step::Last)?;
        Ok(byte)
    }

    fn broken(&self, why: &'static str) -> ReadError {
        ReadError::Broken { line: self.input.place().line + 1, why }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_ROW_BYTES;

    fn rows_from(
        text: &str,
        at: Place,
        under: Option<&'static str>,
    ) -> Result<Vec<(u64, String, Place)>, ReadError> {
        let rest = text.as_bytes().get(usize::try_from(at.offset).unwrap()..).unwrap();
        let mut array = Array::new(rest, at, under);
        let mut rows = Vec::new();
        while let Some(row) = array.read()? {
            let text = match row.content {
                Content::Json(text) => String::from_utf8(text).unwrap(),
                Content::Cells(_) | Content::TooLong => "too long".to_owned(),
            };
            rows.push((row.line, text, array.place()));
        }
        Ok(rows)
    }

    fn texts(text: &str, under: Option<&'static str>) -> Vec<(u64, String)> {
        let rows = rows_from(text, Place::default(), under).unwrap();
        rows.into_iter().map(|(line, text, _)| (line, text)).collect()
    }

    fn expected(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
        rows.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn elements_are_cut_where_they_end_whatever_their_strings_hold() {
        let text = r#" [ {"a":"]},\"[{"} ,
            {"b":{"c":[1,{}]}},"x\\",7,true,[]
            ] "#;
        let found = [
            (1, r#"{"a":"]},\"[{"}"#),
            (2, r#"{"b":{"c":[1,{}]}}"#),
            (2, r#""x\\""#),
            (2, "7"),
            (2, "true"),
            (2, "[]"),
        ];
        assert_eq!(texts(text, None), expected(&found));
        assert_eq!(texts("[]", None), []);
        assert_eq!(texts(" ", None), []);
    }

    #[test]
    fn several_arrays_are_read_one_after_the_other() {
        let found = [(1, "{}"), (1, "1"), (2, "{\"a\":2}")];
        assert_eq!(texts("\u{feff}[{},1]\n[{\"a\":2}]\n[]\n", None), expected(&found));
    }

    #[test]
    fn an_array_in_an_object_is_found_by_its_name() {
        let text = r#"{"realm":"x","groups":[{"users":[1]}],"a":{"users":[2]},"n":-1.5,
            "users" : [{"id":1},{"id":2}], "other":[3]}"#;
        assert_eq!(texts(text, Some("users")), expected(&[(2, r#"{"id":1}"#), (2, r#"{"id":2}"#)]));
    }

    #[test]
    fn reading_goes_on_behind_any_element() {
        let text = "[{\"a\":1},\n {\"b\":\"]\"} , 3]\n[{\"c\":4}]";
        let all = rows_from(text, Place::default(), None).unwrap();
        assert_eq!(all.len(), 4);
        for n in 1..=all.len() {
            assert_eq!(rows_from(text, all[n - 1].2, None).unwrap(), all[n..]);
        }
    }

    #[test]
    fn an_element_that_is_too_long_is_passed_over() {
        let text = format!("[{{\"a\":\"{}\"}},{{}}]", "x".repeat(MAX_ROW_BYTES));
        assert_eq!(texts(&text, None), expected(&[(1, "too long"), (1, "{}")]));
    }

    #[test]
    fn what_has_no_end_is_told_with_its_line() {
        for (text, under, at) in [
            ("[{},\n{", None, 2),
            ("[1,\n\"x", None, 2),
            ("[1,\n", None, 2),
            ("{}", None, 1),
            ("[1]\nx", None, 2),
            ("[}", None, 1),
            ("[]", Some("users"), 1),
            ("{\"a\":1}", Some("users"), 1),
            ("{\"users\":1}", Some("users"), 1),
            ("", Some("users"), 1),
        ] {
            match rows_from(text, Place::default(), under) {
                Err(ReadError::Broken { line, .. }) => assert_eq!(line, at, "{text}"),
                other => panic!("{text}: {:?}", other.map(|rows| rows.len())),
            }
        }
    }
}
