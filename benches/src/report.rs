//! The table of figures, for the terminal and for `docs/PERFORMANCE.md`.

use std::fmt;

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::machine;
use crate::series::Series;
use crate::server;

const BEGIN: &str = "<!-- figures: written by cargo xtask bench --write -->\n";
const END: &str = "<!-- end of figures -->";

/// A bound of the ratio where there is a reference, else of the value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

/// One line of the table, made of one value per round.
#[derive(Debug)]
pub(crate) struct Figure {
    what: String,
    unit: &'static str,
    ours: Series,
    reference: Option<(String, Series)>,
    target: Target,
    detail: String,
}

impl Figure {
    pub(crate) fn new(
        what: impl Into<String>,
        (ours, unit): (Series, &'static str),
        target: Target,
    ) -> Self {
        let detail = String::new();
        Self { what: what.into(), unit, ours, reference: None, target, detail }
    }

    /// What else was measured in the same rounds, in the same unit.
    pub(crate) fn against(self, name: impl Into<String>, series: Series) -> Self {
        Self { reference: Some((name.into(), series)), ..self }
    }

    pub(crate) fn detail(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    fn is_met(&self) -> bool {
        let value = match &self.reference {
            Some((_, reference)) => self.ours.over(reference).median(),
            None => self.ours.median(),
        };
        match self.target {
            Target::AtLeast(bound) => value >= bound,
            Target::AtMost(bound) => value <= bound,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, unit, ours, .. } = self;
        write!(f, "| {what} | {} {unit} | ", Rounded(ours.median()))?;
        match &self.reference {
            None => write!(f, "| | ")?,
            Some((name, reference)) => {
                let ratio = ours.over(reference);
                write!(f, "{} ({name}) | ", Rounded(reference.median()))?;
                let [low, middle, high] = [ratio.lowest(), ratio.median(), ratio.highest()];
                write!(f, "**{middle:.2}** ({low:.2} to {high:.2}) | ")?;
            }
        }
        match self.target {
            Target::AtLeast(bound) => write!(f, "≥ {bound}")?,
            Target::AtMost(bound) => write!(f, "≤ {bound}")?,
        }
        let met = if self.is_met() { "yes" } else { "**no**" };
        write!(f, " | {met} | {} |", self.detail)
    }
}

/// Three digits are all that such a measurement carries.
struct Rounded(f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value) = *self;
        if value >= 1000.0 {
            write!(f, "{:.0}", (value / 10.0).round() * 10.0)
        } else if value >= 100.0 {
            write!(f, "{value:.0}")
        } else {
            write!(f, "{value:.1}")
        }
    }
}

/// All that one run has measured.
#[derive(Debug)]
pub(crate) struct Report {
    conditions: String,
    figures: Vec<Figure>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(bench: &Bench) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a report is dated")]
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let conditions = format!(
            "{date}, {}. {} interleaved rounds, windows of {:.1} s. Load average {} before",
            machine::describe(),
            bench.rounds,
            bench.window.as_secs_f64(),
            machine::load(),
        );
        Self { conditions, figures: Vec::new(), notes: Vec::new() }
    }

    pub(crate) fn add(&mut self, figure: Figure) {
        println!("{figure}");
        self.figures.push(figure);
    }

    /// Something that a reader of the table has to know.
    pub(crate) fn note(&mut self, note: String) {
        println!("{note}");
        self.notes.push(note);
    }

    /// Notes what the end of a run shows.
    pub(crate) fn end(&mut self) {
        self.conditions = format!("{}, {} after.", self.conditions, machine::load());
    }

    /// Puts the table into `docs/PERFORMANCE.md`, in place of the last one.
    pub(crate) fn write(&self) -> Result<()> {
        let path = server::root().join("docs/PERFORMANCE.md");
        let text = std::fs::read_to_string(&path).context("failed to read PERFORMANCE.md")?;
        let places = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = places.context("PERFORMANCE.md has no place for figures")?;
        std::fs::write(&path, format!("{before}{BEGIN}\n{self}\n{END}{after}"))
            .context("failed to write PERFORMANCE.md")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.conditions)?;
        writeln!(
            f,
            "| what | ours | reference | ratio (lowest to highest) | target | met | more |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- |")?;
        for figure in &self.figures {
            writeln!(f, "{figure}")?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "* {note}")?;
        }
        Ok(())
    }
}
