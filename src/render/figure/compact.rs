//! The same picture in a third of the bytes: shapes of one look become one path with relative steps, and what every element would repeat is
//! said once at the root. A dossier holds dozens of figures, and each of them travels inside the page.

use std::fmt::Write;

use super::lettering::FAMILY;

/// Attributes that say what holds without them; the fill and the face are the root's.
const SAID_ONCE: [&str; 5] = [" opacity=\"1\"", " stroke=\"none\"", " stroke-width=\"1\"", " fill=\"none\"", " text-anchor=\"start\""];

/// What [`compact`] takes for granted at the root of the picture.
pub(super) fn root_attributes() -> String {
    format!("fill=\"none\" font-family=\"{FAMILY}\"")
}

/// The elements, one on each line, in short.
pub(super) fn compact<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut picture = Picture::default();
    let family = format!(" font-family=\"{FAMILY}\"");
    for line in lines {
        let mut line = line.to_owned();
        // What stands between tags belongs to the reader.
        let tag_end = line.find('>').unwrap_or(line.len());
        let words = line.split_off(tag_end);
        for repeated in SAID_ONCE.iter().copied().chain([family.as_str()]) {
            line = line.replace(repeated, "");
        }
        match Shape::read(&line) {
            Some(shape) => picture.draw(&shape),
            None => picture.element(&format!("{line}{words}")),
        }
    }
    picture.end_path();
    picture.text
}

/// A line or a polygon.
struct Shape<'a> {
    /// Its attributes without the points.
    look: &'a str,
    points: Vec<(i64, i64)>,
    closed: bool,
}

impl<'a> Shape<'a> {
    fn read(tag: &'a str) -> Option<Self> {
        let (name, rest) = tag.strip_prefix('<')?.split_once(' ')?;
        let closed = match name {
            "polygon" => true,
            "polyline" => false,
            _ => return None,
        };
        let (look, points) = rest.split_once("points=\"")?;
        let (points, _) = points.split_once('"')?;
        let point = |point: &str| point.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
        let points: Option<Vec<(i64, i64)>> = points.split_whitespace().map(point).collect();
        Some(Self { look: look.trim_end(), points: points?, closed })
    }

    /// Whether it may join shapes of its look: in one path, what overlaps is painted once, so what one can see through stays apart, and
    /// polygons that run the other way round would cut holes.
    fn joins(&self) -> bool {
        let turn = |((x, y), (next_x, next_y)): ((i64, i64), (i64, i64))| x * next_y - next_x * y;
        let next = self.points.iter().cycle().skip(1).copied();
        !self.look.contains("opacity") && (!self.closed || self.points.iter().copied().zip(next).map(turn).sum::<i64>() >= 0)
    }
}

#[derive(Default)]
struct Picture {
    text: String,
    /// Look of the path that is being written, where the next shape may join it.
    open: Option<String>,
}

impl Picture {
    fn element(&mut self, element: &str) {
        self.end_path();
        self.text.push_str(element);
        self.text.push('\n');
    }

    fn draw(&mut self, shape: &Shape<'_>) {
        let joins = shape.joins();
        if !joins || self.open.as_deref() != Some(shape.look) {
            self.end_path();
            self.text.push_str("<path ");
            self.text.push_str(shape.look);
            self.text.push_str(" d=\"");
            self.open = Some(shape.look.to_owned());
        }
        self.steps(shape);
        if !joins {
            self.end_path();
        }
    }

    fn end_path(&mut self) {
        if self.open.take().is_some() {
            self.text.push_str("\"/>\n");
        }
    }

    /// `M464 180h34v12h275`: level and upright steps by their one number, the others by two.
    fn steps(&mut self, shape: &Shape<'_>) {
        let Some(&(mut x, mut y)) = shape.points.first() else { return };
        // Writing into a string cannot fail.
        let _ = write!(self.text, "M{x} {y}");
        let mut slanted = false;
        for &(to_x, to_y) in shape.points.iter().skip(1) {
            let (across, down) = (to_x - x, to_y - y);
            let _ = match (across, down) {
                (0, 0) => continue,
                (across, 0) => write!(self.text, "h{across}"),
                (0, down) => write!(self.text, "v{down}"),
                (across, down) => {
                    let begin = if !slanted {
                        "l"
                    } else if across < 0 {
                        ""
                    } else {
                        " "
                    };
                    let between = if down < 0 { "" } else { " " };
                    write!(self.text, "{begin}{across}{between}{down}")
                }
            };
            slanted = across != 0 && down != 0;
            (x, y) = (to_x, to_y);
        }
        // A line of no length still shows its width, as a polyline of two equal points does.
        if !shape.closed && shape.points.len() > 1 && shape.points.iter().all(|point| shape.points.first() == Some(point)) {
            self.text.push_str("h0");
        }
        if shape.closed {
            self.text.push('z');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compacted(elements: &[&str]) -> String {
        compact(elements.iter().copied())
    }

    #[test]
    fn shapes_of_one_look_become_one_path() {
        let lines = compacted(&[
            "<polyline fill=\"none\" opacity=\"1\" stroke=\"#111111\" stroke-width=\"5\" points=\"10,20 30,20 30,25 31,24 29,26 \"/>",
            "<polyline fill=\"none\" opacity=\"1\" stroke=\"#111111\" stroke-width=\"5\" points=\"1,2 1,2 \"/>",
            "<polyline fill=\"none\" opacity=\"1\" stroke=\"#222222\" stroke-width=\"5\" points=\"0,0 4,0 \"/>",
        ]);
        let expected = "<path stroke=\"#111111\" stroke-width=\"5\" d=\"M10 20h20v5l1-1-2 2M1 2h0\"/>\n<path stroke=\"#222222\" stroke-width=\"5\" d=\"M0 0h4\"/>\n";
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_can_be_seen_through_or_runs_the_other_way_stays_apart() {
        let square = "points=\"0,0 9,0 9,9 0,9 \"/>";
        let seen_through = format!("<polygon opacity=\"0.16\" fill=\"#111111\" {square}");
        assert_eq!(compacted(&[&seen_through, &seen_through]).matches("<path").count(), 2);
        let opaque = format!("<polygon opacity=\"1\" fill=\"#111111\" {square}");
        assert_eq!(compacted(&[&opaque, &opaque]), "<path fill=\"#111111\" d=\"M0 0h9v9h-9zM0 0h9v9h-9z\"/>\n");
        let other_way = "<polygon opacity=\"1\" fill=\"#111111\" points=\"0,0 0,9 9,9 9,0 \"/>";
        assert_eq!(compacted(&[&opaque, other_way]).matches("<path").count(), 2);
    }

    #[test]
    fn words_are_left_as_they_are() {
        let text = "<text x=\"1\" y=\"2\" text-anchor=\"start\" font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\" opacity=\"1\" fill=\"#111111\">a opacity=\"1\"</text>";
        assert_eq!(compacted(&[text]), "<text x=\"1\" y=\"2\" fill=\"#111111\">a opacity=\"1\"</text>\n");
    }
}
