//! Bodies and queries as the parameters of operations on organizations.

use rollbook_domain::{OrganizationFilter, OrganizationOrder, OrganizationQuery, Slice, fold};
use rollbook_ops::organizations::{CreateOrganization, Include, UpdateOrganization};
use rollbook_ops::users::Request;

use crate::metadata::{deprecated, fields};
use crate::page::{self, signed};
use crate::{ApiVersion, Form, Query};

/// The body of a creation; `null` is the same as absent where it is allowed.
pub(super) fn create(mut form: Form) -> Request<CreateOrganization> {
    let f = &mut form;
    let name = f.string("name");
    let params = CreateOrganization {
        name: f.required("name", name),
        slug: f.string("slug").set(),
        created_by: f.string("created_by").set(),
        max_allowed_memberships: f.integer("max_allowed_memberships").set(),
        metadata: fields(f),
        created_at: f.string("created_at").set(),
        role_set_key: f.string("role_set_key").set(),
    };
    Request { params, problems: form.finish() }
}

/// The body of an update; `null` is the same as absent.
pub(super) fn update(mut form: Form, version: ApiVersion) -> Request<UpdateOrganization> {
    let f = &mut form;
    let params = UpdateOrganization {
        name: f.string("name").set(),
        slug: f.string("slug").set(),
        max_allowed_memberships: f.integer("max_allowed_memberships").set(),
        admin_delete_enabled: f.boolean("admin_delete_enabled").set(),
        public_metadata: deprecated(f, "public_metadata", version).set(),
        private_metadata: deprecated(f, "private_metadata", version).set(),
        created_at: f.string("created_at").set(),
        role_set_key: f.string("role_set_key").set(),
    };
    Request { params, problems: form.finish() }
}

/// What the body is to show beside the usual; problems stay in `query`.
pub(super) fn include(query: &mut Query) -> Include {
    Include {
        members_count: query.boolean("include_members_count").unwrap_or(false),
        missing_member: query
            .boolean("include_missing_member_with_elevated_permissions")
            .unwrap_or(false),
    }
}

/// Reads all filters; problems stay in `query`.
pub(super) fn filter(query: &mut Query) -> OrganizationFilter {
    OrganizationFilter {
        query: query.search("query").map(|text| OrganizationQuery { text: fold(&text), id: text }),
        user_id: signed(query, "user_id"),
        organization_id: signed(query, "organization_id"),
    }
}

/// Reads which part of the organizations and in what order; problems stay in `query`.
pub(super) fn slice(query: &mut Query) -> Slice<OrganizationOrder> {
    page::slice(query, OrganizationOrder::CreatedAt, |name| match name {
        "created_at" => Some(OrganizationOrder::CreatedAt),
        "name" => Some(OrganizationOrder::Name),
        "members_count" => Some(OrganizationOrder::MembersCount),
        _ => None,
    })
}
