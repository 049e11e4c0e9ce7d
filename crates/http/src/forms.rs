//! A JSON body that is an array of objects, each read like a [`Form`].

use axum::extract::{FromRequest, Request};
use rollbook_domain::{Fields, Problem};
use rollbook_ops::users::Request as Asked;
use rollbook_wire::Code;

use crate::body::read_json;
use crate::{Form, Refusal};

/// The objects of a body, in order; at least one.
#[derive(Debug)]
pub struct Forms(Vec<Form>);

impl Forms {
    /// Reads an array of objects.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let each =
            Fields::parse_each(body).ok().filter(|each| !each.is_empty()).ok_or_else(|| {
                let message = "The request body must be a JSON array of one object or more.";
                Refusal::new(Code::RequestBodyInvalid, message)
            })?;
        Ok(Self(each.into_iter().map(Form::from).collect()))
    }

    /// What each object asks for; more than `max` are refused as a whole.
    ///
    /// Problems say which object they are of, counted from 1, where there are several.
    pub fn read<T>(
        self,
        max: usize,
        read: impl Fn(Form) -> Asked<T>,
    ) -> Result<Asked<Vec<T>>, Refusal> {
        let n_forms = self.0.len();
        if n_forms > max {
            let message = format!("At most {max} can be given at once.");
            return Err(Refusal::new(Code::BulkSizeExceeded, message));
        }
        let mut all = Asked { params: Vec::with_capacity(n_forms), problems: Vec::new() };
        for (form, n) in self.0.into_iter().zip(1..) {
            let Asked { params, problems } = read(form);
            all.params.push(params);
            all.problems.extend(problems.into_iter().map(|problem| numbered(problem, n, n_forms)));
        }
        Ok(all)
    }
}

fn numbered(mut problem: Problem, n: usize, n_forms: usize) -> Problem {
    if n_forms > 1 {
        problem.long_message = format!("Item {n}: {}", problem.long_message);
    }
    problem
}

impl<S: Sync> FromRequest<S> for Forms {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        Self::parse(&read_json(request).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Asked<Vec<Option<String>>>, Refusal> {
        Forms::parse(body.as_bytes())?.read(3, |mut form| {
            let params = form.string("a").set();
            Asked { params, problems: form.finish() }
        })
    }

    #[test]
    fn each_object_is_read_in_order() {
        let asked = read(r#"[{"a":"x"},{},{"a":null}]"#).expect("three");
        assert_eq!(asked.params, [Some("x".to_owned()), None, None]);
        assert_eq!(asked.problems, []);
    }

    #[test]
    fn problems_say_which_object_they_are_of() {
        let asked = read(r#"[{},{"a":1,"b":2}]"#).expect("two");
        let messages: Vec<_> = asked.problems.iter().map(|p| p.long_message.as_str()).collect();
        let unknown = "Item 2: b is not a parameter of this request.";
        assert_eq!(messages, ["Item 2: a must be a string.", unknown]);
    }

    #[test]
    fn too_many_are_refused_as_a_whole_and_so_is_what_is_no_array_of_objects() {
        assert_eq!(read("[{},{},{},{}]").unwrap_err().code(), Code::BulkSizeExceeded);
        for body in ["", "null", "{}", "[]", "[1]", "[null]", "[[]]", "[{}", "[{}]]", "\"a\"", "1"]
        {
            assert_eq!(read(body).expect_err(body).code(), Code::RequestBodyInvalid, "{body}");
        }
        let body = format!("[{}{{}}]", "{},".repeat(1 << 16));
        assert_eq!(read(&body).unwrap_err().code(), Code::RequestBodyInvalid);
    }
}
