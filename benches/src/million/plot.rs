//! How times grow with the number of users, as a picture.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{
    ChartBuilder, Circle, Color, EmptyElement, IntoDrawingArea, IntoLogRange, LineSeries, Palette,
    Palette99, PathElement, PointSeries, SVGBackend, WHITE,
};
use plotters::style::BLACK;

/// One curve: milliseconds at each number of users.
#[derive(Debug)]
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws the curves on logarithmic axes.
pub(crate) fn draw(path: &Path, title: &str, curves: &[Curve]) -> Result<()> {
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (from, to) = bounds(all().map(|(users, _)| *users));
    let (low, high) = bounds(all().map(|(_, ms)| *ms));
    let area = SVGBackend::new(path, (860, 520)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (from * 0.8..to * 1.25).log_scale(),
            (low * 0.5..high * 20.0).log_scale(),
        )?;
    chart.configure_mesh().x_desc("users").y_desc("milliseconds, median").draw()?;
    for (n, curve) in curves.iter().enumerate() {
        let color = Palette99::pick(n).to_rgba();
        let points = curve.points.clone();
        chart
            .draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        chart.draw_series(PointSeries::of_element(points, 4, color, &|at, size, style| {
            EmptyElement::at(at) + Circle::new((0, 0), size, style.filled())
        }))?;
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.4))
        .position(plotters::prelude::SeriesLabelPosition::UpperLeft)
        .draw()?;
    area.present()?;
    Ok(())
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0), |(low, high), value| (low.min(value), high.max(value)))
}
