//! Domains of an instance: so far the one that the server itself is reached under.

use rollbook_wire::{Domain, Id, Prefix};

use crate::catalog::hash;
use crate::{Ctx, Tenant};

/// The primary domain, told by the public URL; its id never changes.
pub fn primary(ctx: &Ctx, tenant: &Tenant) -> Domain {
    let instance = &tenant.instance;
    let url = &ctx.public_url;
    let address = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
    let random = *hash(instance.id.as_str()).first_chunk::<16>().unwrap_or(&[0; 16]);
    Domain {
        object: "domain".to_owned(),
        id: Id::new(Prefix::Domain, instance.created_at, random).to_string(),
        name: address.split('/').next().unwrap_or_default().to_owned(),
        is_satellite: false,
        frontend_api_url: url.clone(),
        accounts_portal_url: None,
        proxy_url: None,
        development_origin: String::new(),
        cname_targets: Some(Vec::new()),
    }
}
