//! The operator's part, for whoever has the server in the same process.

use rollbook_ops::Ctx;
use rollbook_ops::instances::{self, CreateInstance, UpdateInstance};
use rollbook_wire::Id;
use serde_json::{Map, Value};

use crate::{Error, failed};

/// Makes, changes and deletes instances of one server; a clone is the same.
#[derive(Clone)]
pub struct Instances(pub(crate) Ctx);

/// An instance that was just made.
#[derive(Clone)]
pub struct NewInstance {
    /// `ins_…`
    pub id: Id,
    /// `sk_test_…`
    pub secret_key: String,
}

impl Instances {
    /// A permissive development instance.
    pub async fn create(&self) -> Result<NewInstance, Error> {
        let created = instances::create(&self.0, CreateInstance::default()).await;
        let created = created.map_err(failed("make an instance"))?;
        Ok(NewInstance { id: created.instance.id, secret_key: created.key.secret.to_string() })
    }

    /// Changes settings by a JSON merge patch.
    pub async fn settings(&self, id: &Id, patch: Map<String, Value>) -> Result<(), Error> {
        let update = UpdateInstance { name: None, settings: Some(patch) };
        let updated = instances::update(&self.0, id, update).await;
        updated.map(drop).map_err(failed("change the settings"))
    }

    /// Deletes an instance with all that is in it.
    pub async fn delete(&self, id: &Id) -> Result<(), Error> {
        instances::delete(&self.0, id).await.map(drop).map_err(failed("delete an instance"))
    }
}
