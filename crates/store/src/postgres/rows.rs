//! Values in PostgreSQL's types.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::value::{Value, like_pattern};
use crate::{Error, Param, Result, Row};

type BoxError = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(int), &Type::INT8) => int.to_sql(ty, out),
            (Self::Int(int), &Type::INT4) => i32::try_from(*int)?.to_sql(ty, out),
            (Self::Text(text), _) if <&str as ToSql>::accepts(ty) => text.as_ref().to_sql(ty, out),
            (Self::Contains(text), _) if <&str as ToSql>::accepts(ty) => {
                like_pattern(text).to_sql(ty, out)
            }
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.as_ref().to_sql(ty, out),
            (Self::List(texts), _) if <Vec<String> as ToSql>::accepts(ty) => texts.to_sql(ty, out),
            (_, _) => Err(format!("the statement wants {ty} where it was given {self:?}").into()),
        }
    }

    /// Which types fit depends on the value; [`ToSql::to_sql`] tells.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The parameters as the driver wants them.
pub(super) fn bind<'p>(params: &'p [Param<'_>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

/// The columns of a row.
pub(super) fn read(row: &tokio_postgres::Row) -> Result<Row> {
    let values = row.columns().iter().enumerate().map(|(column, described)| {
        let value = match *described.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map(Value::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(column)?.map(|int| Value::Int(int.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(column)?.map(|yes| Value::Int(yes.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Value::Bytes),
            // Whatever is not text, such as the NUMERIC of a SUM, fails here.
            _ => row.try_get::<_, Option<String>>(column)?.map(Value::Text),
        };
        Ok(value.unwrap_or(Value::Null))
    });
    let values = values.collect::<Result<Vec<Value>, tokio_postgres::Error>>();
    values.map(Row).map_err(|source| Error::internal("read a column", source))
}
