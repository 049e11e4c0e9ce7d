//! Metadata in bodies, as organizations and memberships take them.

use rollbook_ops::metadata::GivenMetadata;
use rollbook_ops::users::Request;
use rollbook_wire::{Code, Patch};
use serde_json::{Map, Value};

use crate::{ApiVersion, Form};

/// Public and private metadata among other parameters; `null` is the same as absent.
pub(crate) fn fields(form: &mut Form) -> GivenMetadata {
    GivenMetadata {
        public: form.object("public_metadata").set(),
        private: form.object("private_metadata").set(),
    }
}

/// A body of nothing else.
pub(crate) fn given(mut form: Form) -> Request<GivenMetadata> {
    let params = fields(&mut form);
    Request { params, problems: form.finish() }
}

/// Metadata in an update, which the newest version refuses.
pub(crate) fn deprecated(
    form: &mut Form,
    name: &str,
    version: ApiVersion,
) -> Patch<Map<String, Value>> {
    if version >= ApiVersion::V20260512 && form.has(name) {
        let text =
            format!("{name} is no longer accepted here: write it with the metadata operations.");
        form.deny(name, Code::FormParamDeprecated, text);
        return Patch::Keep;
    }
    form.object(name)
}
