//! The sheet a figure is drawn on: shapes in points, handed to plotters at ten times their size and scaled back by the SVG's view box,
//! because plotters draws in whole numbers.

use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use super::FigureError;
use super::compact::{compact, root_attributes};
use super::lettering::{Anchor, FAMILY, Lettering, plain};
use super::theme::{Ink, Marker, WHITE};

/// Drawing units per point.
const FINENESS: f64 = 10.0;
/// plotters sets this share of the size it is given.
const SIZE_GIVEN: f64 = 1.24;
/// plotters moves text down by this share of its size.
const SHIFT: f64 = 0.76;
/// Points per inch.
pub(super) const INCH: f64 = 72.0;

/// A place on the sheet, in points from its upper left corner.
pub(super) type Point = (f64, f64);

/// A line to be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    /// Colour.
    pub(super) ink: Ink,
    /// Width in points.
    pub(super) width: f64,
    /// Dash pattern in points; empty for solid.
    pub(super) dash: &'static [f64],
    /// From 0 (invisible) to 1.
    pub(super) opacity: f64,
}

impl Stroke {
    /// A solid line.
    pub(super) const fn solid(ink: Ink, width: f64) -> Self {
        Self { ink, width, dash: &[], opacity: 1.0 }
    }

    /// With a dash pattern.
    pub(super) const fn dashed(self, dash: &'static [f64]) -> Self {
        Self { dash, ..self }
    }

    /// Translucent.
    pub(super) const fn faded(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

enum Shape {
    Path { points: Vec<Point>, stroke: Stroke },
    Area { points: Vec<Point>, ink: Ink, opacity: f64 },
    Disc { centre: Point, radius: f64, ink: Ink, opacity: f64 },
    Words { at: Point, text: String, lettering: Lettering, upright: bool },
}

/// A sheet of given width whose height is known when all is drawn.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    shapes: Vec<Shape>,
}

impl Canvas {
    /// An empty sheet, width in points.
    pub(super) fn new(width: f64) -> Self {
        Self { width, height: 0.0, shapes: Vec::new() }
    }

    /// Width in points.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// Decides the height, in points.
    pub(super) fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    /// A line through points, dashed as the stroke says.
    pub(super) fn path(&mut self, points: &[Point], stroke: Stroke) {
        if stroke.dash.is_empty() {
            if points.len() > 1 {
                self.shapes.push(Shape::Path { points: points.to_vec(), stroke });
            }
            return;
        }
        for points in dashes(points, stroke.dash) {
            self.shapes.push(Shape::Path { points, stroke });
        }
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: &[Point], ink: Ink, opacity: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points: points.to_vec(), ink, opacity });
        }
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, (left, top): Point, (right, bottom): Point, ink: Ink) {
        self.area(&[(left, top), (right, top), (right, bottom), (left, bottom)], ink, 1.0);
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, centre: Point, radius: f64, ink: Ink, opacity: f64) {
        self.shapes.push(Shape::Disc { centre, radius, ink, opacity });
    }

    /// Words on a baseline.
    pub(super) fn words(&mut self, at: Point, text: &str, lettering: Lettering) {
        if !text.is_empty() {
            self.shapes.push(Shape::Words { at, text: text.to_owned(), lettering, upright: false });
        }
    }

    /// Words that run upwards.
    pub(super) fn words_upright(&mut self, at: Point, text: &str, lettering: Lettering) {
        if !text.is_empty() {
            self.shapes.push(Shape::Words { at, text: text.to_owned(), lettering, upright: true });
        }
    }

    /// A point of a series, with a white rim that keeps it apart from what lies under it.
    pub(super) fn marker(&mut self, centre: Point, radius: f64, marker: Marker, ink: Ink) {
        let rim = (radius * 0.35).min(0.7);
        match marker {
            Marker::Cross | Marker::Plus => {
                for line in strokes(centre, radius, marker) {
                    self.path(&line, Stroke::solid(WHITE, radius * 0.5 + 2.0 * rim));
                }
                for line in strokes(centre, radius, marker) {
                    self.path(&line, Stroke::solid(ink, radius * 0.5));
                }
            }
            Marker::OpenCircle | Marker::OpenSquare | Marker::OpenDiamond | Marker::OpenTriangle => {
                self.form(centre, radius, marker, ink);
                self.form(centre, radius * 0.55, marker, WHITE);
            }
            Marker::Circle | Marker::Square | Marker::Triangle | Marker::Diamond | Marker::TriangleDown => {
                self.form(centre, radius + rim, marker, WHITE);
                self.form(centre, radius, marker, ink);
            }
        }
    }

    fn form(&mut self, (x, y): Point, radius: f64, marker: Marker, ink: Ink) {
        let corners: &[Point] = match marker {
            Marker::Circle | Marker::OpenCircle | Marker::Cross | Marker::Plus => return self.disc((x, y), radius, ink, 1.0),
            Marker::Square | Marker::OpenSquare => &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
            Marker::Triangle | Marker::OpenTriangle => &[(0.0, -1.15), (1.05, 0.8), (-1.05, 0.8)],
            Marker::TriangleDown => &[(0.0, 1.15), (1.05, -0.8), (-1.05, -0.8)],
            Marker::Diamond | Marker::OpenDiamond => &[(0.0, -1.25), (1.1, 0.0), (0.0, 1.25), (-1.1, 0.0)],
        };
        let placed: Vec<Point> = corners.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
        self.area(&placed, ink, 1.0);
    }

    /// The sheet as a standalone SVG on white paper.
    ///
    /// # Errors
    /// [`FigureError::Drawing`] when plotters refuses a shape.
    pub(super) fn svg(&self, alt: &str) -> Result<String, FigureError> {
        let mut drawn = String::new();
        let size = (units(self.width).unsigned_abs(), units(self.height).unsigned_abs());
        {
            let mut backend = SVGBackend::with_string(&mut drawn, size);
            backend
                .draw_rect((0, 0), (units(self.width), units(self.height)), &style(Stroke::solid(WHITE, 0.1)), true)
                .map_err(FigureError::drawing)?;
            for shape in &self.shapes {
                draw_shape(&mut backend, shape)?;
            }
            backend.present().map_err(FigureError::drawing)?;
        }
        let body = drawn.split_once('>').map_or("", |(_, body)| body);
        let mut svg = head(self.width, self.height, size, alt);
        svg.push_str(&compact(elements(body).iter().map(String::as_str)));
        svg.push_str("</svg>\n");
        Ok(svg)
    }
}

/// One element on each line: plotters sets words on a line of their own, and the breaks around them could be shown as spaces.
fn elements(body: &str) -> Vec<String> {
    let mut elements = vec![String::new()];
    for line in body.lines().filter(|line| !line.is_empty() && *line != "</svg>") {
        if let Some(element) = elements.last_mut() {
            element.push_str(line);
        }
        if line.ends_with("/>") || line.starts_with("</") {
            elements.push(String::new());
        }
    }
    elements.retain(|element| !element.is_empty());
    elements
}

fn head(width: f64, height: f64, size: (u32, u32), alt: &str) -> String {
    let (alt, (across, down)) = (plain(alt), size);
    let title = alt.split_once(". ").map_or(alt.as_str(), |(first, _)| first);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.3}in\" height=\"{:.3}in\" viewBox=\"0 0 {across} {down}\" role=\"img\" {}>\n<title>{}</title><desc>{}</desc>\n",
        width / INCH,
        height / INCH,
        root_attributes(),
        escaped(title),
        escaped(&alt)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

fn draw_shape(backend: &mut SVGBackend<'_>, shape: &Shape) -> Result<(), FigureError> {
    match shape {
        Shape::Path { points, stroke } => backend.draw_path(points.iter().map(scaled), &style(*stroke)).map_err(FigureError::drawing),
        Shape::Area { points, ink, opacity } => {
            backend.fill_polygon(points.iter().map(scaled), &style(Stroke::solid(*ink, 0.1).faded(*opacity))).map_err(FigureError::drawing)
        }
        Shape::Disc { centre, radius, ink, opacity } => {
            let radius = units(*radius).unsigned_abs().max(1);
            backend
                .draw_circle(scaled(centre), radius, &style(Stroke::solid(*ink, 0.1).faded(*opacity)), true)
                .map_err(FigureError::drawing)
        }
        Shape::Words { at, text, lettering, upright } => draw_words(backend, *at, text, (*lettering, *upright)),
    }
}

fn draw_words(backend: &mut SVGBackend<'_>, (x, y): Point, text: &str, (lettering, upright): (Lettering, bool)) -> Result<(), FigureError> {
    let weight = if lettering.bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = FontDesc::new(FontFamily::Name(FAMILY), lettering.size * FINENESS * SIZE_GIVEN, weight);
    let font = if upright { font.transform(FontTransform::Rotate270) } else { font };
    let across = match lettering.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let ink = colour(lettering.ink, 1.0);
    let style = TextStyle::from(font).color(&ink).pos(Pos::new(across, VPos::Top));
    // The shift runs along the letters' own vertical, which lies across the sheet where words run upwards; the rotation turns about this point.
    let shift = SHIFT * lettering.size;
    let at = if upright { (x - shift, y) } else { (x, y - shift) };
    backend.draw_text(text, &style, scaled(&at)).map_err(FigureError::drawing)
}

fn style(stroke: Stroke) -> ShapeStyle {
    let width = (stroke.width * FINENESS).round().max(1.0) as u32;
    ShapeStyle { color: colour(stroke.ink, stroke.opacity), filled: false, stroke_width: width }
}

fn colour(Ink(red, green, blue): Ink, opacity: f64) -> RGBAColor {
    RGBColor(red, green, blue).mix(opacity)
}

fn units(points: f64) -> i32 {
    (points * FINENESS).round() as i32
}

fn scaled((x, y): &Point) -> (i32, i32) {
    (units(*x), units(*y))
}

/// The two strokes of a cross.
fn strokes((x, y): Point, radius: f64, marker: Marker) -> [[Point; 2]; 2] {
    let r = if marker == Marker::Plus { radius * 1.15 } else { radius * 0.85 };
    if marker == Marker::Plus {
        [[(x - r, y), (x + r, y)], [(x, y - r), (x, y + r)]]
    } else {
        [[(x - r, y - r), (x + r, y + r)], [(x - r, y + r), (x + r, y - r)]]
    }
}

/// The pieces of a line that a dash pattern leaves visible.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut lengths = pattern.iter().copied().cycle();
    let (mut left, mut visible) = (lengths.next().unwrap_or(f64::INFINITY), true);
    let mut piece: Vec<Point> = points.iter().take(1).copied().collect();
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let at = (from.0 + (to.0 - from.0) * done / length, from.1 + (to.1 - from.1) * done / length);
            piece.push(at);
            if visible {
                pieces.push(std::mem::take(&mut piece));
            }
            piece = vec![at];
            visible = !visible;
            left = lengths.next().unwrap_or(f64::INFINITY).max(0.1);
        }
        left -= length - done;
        piece.push(*to);
    }
    if visible && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_and_turn_corners() {
        let pieces = dashes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], &[4.0, 1.0]);
        assert_eq!(pieces.len(), 4);
        assert_eq!(pieces[0], [(0.0, 0.0), (4.0, 0.0)]);
        assert_eq!(pieces[2], [(10.0, 0.0), (10.0, 4.0)]);
        let turning = dashes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 9.0)], &[5.0, 1.0]);
        assert_eq!(turning[0], [(0.0, 0.0), (3.0, 0.0), (3.0, 2.0)]);
    }

    #[test]
    fn the_sheet_is_ten_times_finer_than_its_points() {
        crate::render::figure::lettering::register().unwrap();
        let mut canvas = Canvas::new(468.0);
        canvas.set_height(100.0);
        canvas.words((10.0, 20.0), "a < b & c", Lettering::LABEL);
        canvas.path(&[(0.0, 0.0), (1.25, 2.0)], Stroke::solid(WHITE, 0.5));
        let svg = canvas.svg("First. Second <x>.").unwrap();
        assert!(svg.contains("width=\"6.500in\" height=\"1.389in\" viewBox=\"0 0 4680 1000\" role=\"img\" "));
        assert!(svg.contains("<title>First</title><desc>First. Second &lt;x&gt;.</desc>"));
        assert!(svg.contains(">a &lt; b &amp; c</text>"));
        assert!(svg.contains(" d=\"M0 0l13 20\""));
        assert!(svg.contains("font-size=\"75\""), "{svg}");
    }
}
