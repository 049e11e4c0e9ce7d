//! Which users: the filters of list and count.

use crate::User;
use crate::page::{Paged, pass_over};
use crate::params::params;

/// Two operations share their filters.
macro_rules! filters {
    ($(#[$doc:meta])* $name:ident; $($(#[$more_doc:meta])* $more:ident: $kind:ident,)*) => {
        params! {
            $(#[$doc])*
            $name in query;
            $($(#[$more_doc])* $more: $kind,)*
            /// Any of these addresses; up to 100.
            email_address: texts,
            /// Any of these numbers; up to 100.
            phone_number: texts,
            /// Any of these ids of the caller's own; up to 100.
            external_id: texts,
            /// Any of these names; up to 100.
            username: texts,
            /// Any of these wallets; up to 100.
            web3_wallet: texts,
            /// Any of these ids; up to 100.
            user_id: texts,
            /// Members of these organizations, or with `-` in front not of these; up to 100.
            organization_id: texts,
            /// A part of any identifier or name.
            query: text,
            /// A part of an email address.
            email_address_query: text,
            /// A part of a phone number.
            phone_number_query: text,
            /// A part of the username.
            username_query: text,
            /// A part of a name.
            name_query: text,
            /// Only banned users, or only others.
            banned: flag,
            /// Latest activity before this instant, in milliseconds.
            last_active_at_before: number,
            /// Latest activity after this instant, in milliseconds.
            last_active_at_after: number,
            /// Activity since this instant, in milliseconds; deprecated by `last_active_at_after`.
            last_active_at_since: number,
            /// Created before this instant, in milliseconds.
            created_at_before: number,
            /// Created after this instant, in milliseconds.
            created_at_after: number,
            /// Latest sign-in before this instant, in milliseconds.
            last_sign_in_at_before: number,
            /// Latest sign-in after this instant, in milliseconds.
            last_sign_in_at_after: number,
            /// With an account at this provider, such as `oauth_google`.
            provider: text,
            /// With one of these ids at `provider`.
            provider_user_id: texts,
        }
    };
}

filters! {
    /// What [`list`](crate::Users::list) takes. Filters are joined by "and", the values of one by "or".
    ListUsers;
    /// How many at the most, 1 to 500; 10 unless set.
    limit: number,
    /// How many to pass over.
    offset: number,
    /// The id of the user after whom to begin; only in the order of creation, and without `offset`.
    starting_after: text,
    /// A field such as `created_at` or `last_name`, with `-` in front for the other direction.
    order_by: text,
}

filters! {
    /// What [`count`](crate::Users::count) takes: the filters of a list.
    CountUsers;
}

impl Paged<User> for ListUsers {
    fn page(&mut self) -> (&mut Option<i64>, &mut Option<i64>) {
        (&mut self.limit, &mut self.offset)
    }

    fn advance(&mut self, page: &[User]) {
        let by_creation = self
            .order_by
            .as_deref()
            .is_none_or(|order| order.trim_start_matches(['+', '-']) == "created_at");
        match (page.last(), self.offset) {
            (Some(last), None | Some(0)) if by_creation => {
                self.offset = None;
                self.starting_after = Some(last.id.to_string());
            }
            _ => pass_over(&mut self.offset, page.len()),
        }
    }
}
