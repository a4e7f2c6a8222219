//! Watches the frames that a WebSocket peer sends, to say why it is closed: the library underneath closes without a code.
//!
//! RFC 6455: framing in section 5.2, masks in 5.3, what control frames may be in 5.5, close codes in 7.4.1, UTF-8 in 8.1.

/// One message at most, however many frames it comes in.
pub(crate) const MESSAGE_MAX_BYTES: u64 = 128 << 10;
const CONTROL_MAX_BYTES: u64 = 125;
/// Two bytes, eight of length, four of mask.
const HEAD_MAX_BYTES: usize = 14;
const MASK_BYTES: usize = 4;

/// Why a peer is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Protocol,
    Text,
    TooBig,
}

impl Fault {
    /// A close frame that says so.
    pub(super) fn close_frame(self) -> [u8; 4] {
        let code: u16 = match self {
            Self::Protocol => 1002,
            Self::Text => 1007,
            Self::TooBig => 1009,
        };
        let [high, low] = code.to_be_bytes();
        [0x88, 2, high, low]
    }
}

/// Where in the stream of frames we are.
#[derive(Default)]
pub(super) struct Watch {
    head: [u8; HEAD_MAX_BYTES],
    head_bytes: usize,
    frame: Frame,
    payload_left: u64,
    message_bytes: u64,
    /// A message has begun and not ended.
    is_open: bool,
    is_text: bool,
    /// The beginning of a character whose end is still to come.
    cut_character: Vec<u8>,
}

/// The frame whose payload comes in.
#[derive(Default)]
struct Frame {
    is_control: bool,
    is_final: bool,
    mask: [u8; MASK_BYTES],
    /// Payload seen so far: the mask repeats over it.
    seen_bytes: usize,
}

impl Watch {
    /// Looks at what came in; the first fault is final.
    pub(super) fn look(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let skipped =
                    bytes.len().min(usize::try_from(self.payload_left).unwrap_or(usize::MAX));
                self.payload_left -= skipped as u64;
                self.read(&bytes[..skipped])?;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head[self.head_bytes] = bytes[0];
            self.head_bytes += 1;
            bytes = &bytes[1..];
            if self.head_bytes == self.head_expected() {
                self.payload_left = self.judge()?;
                self.head_bytes = 0;
                self.read(&[])?;
            }
        }
        Ok(())
    }

    /// Whether a text stays UTF-8 with this part of a payload, and has no character cut off at its end.
    fn read(&mut self, masked: &[u8]) -> Result<(), Fault> {
        if self.frame.is_control || !self.is_text {
            return Ok(());
        }
        let start = self.frame.seen_bytes;
        let clear = masked
            .iter()
            .enumerate()
            .map(|(at, byte)| byte ^ self.frame.mask[(start + at) % MASK_BYTES]);
        let mut text = std::mem::take(&mut self.cut_character);
        text.extend(clear);
        self.frame.seen_bytes += masked.len();
        match std::str::from_utf8(&text) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() => {
                self.cut_character = text.split_off(error.valid_up_to())
            }
            Err(_) => return Err(Fault::Text),
        }
        let is_over = self.frame.is_final && self.payload_left == 0;
        if is_over && !self.cut_character.is_empty() { Err(Fault::Text) } else { Ok(()) }
    }

    fn head_expected(&self) -> usize {
        match self.head[1] {
            _ if self.head_bytes < 2 => 2,
            // Without a mask it is a fault already.
            second if second & 0x80 == 0 => 2,
            second if second & 0x7f == 126 => 8,
            second if second & 0x7f == 127 => 14,
            _ => 6,
        }
    }

    /// The last four bytes of the head.
    fn mask(&self) -> [u8; MASK_BYTES] {
        let end = self.head_expected();
        let mut mask = [0; MASK_BYTES];
        mask.copy_from_slice(&self.head[end - MASK_BYTES..end]);
        mask
    }

    /// The payload's length, if the frame may be.
    fn judge(&mut self) -> Result<u64, Fault> {
        let length = match self.head[1] & 0x7f {
            126 => u64::from(u16::from_be_bytes([self.head[2], self.head[3]])),
            127 => {
                let mut length = [0; 8];
                length.copy_from_slice(&self.head[2..10]);
                u64::from_be_bytes(length)
            }
            length => u64::from(length),
        };
        let (is_reserved, is_masked) = (self.head[0] & 0x70 != 0, self.head[1] & 0x80 != 0);
        if is_reserved || !is_masked {
            return Err(Fault::Protocol);
        }
        let is_final = self.head[0] & 0x80 != 0;
        self.frame = Frame {
            is_control: self.head[0] & 0x08 != 0,
            is_final,
            mask: self.mask(),
            seen_bytes: 0,
        };
        match self.head[0] & 0x0f {
            0x0 if self.is_open => self.message_bytes = self.message_bytes.saturating_add(length),
            opcode @ (0x1 | 0x2) if !self.is_open => {
                self.message_bytes = length;
                self.is_text = opcode == 0x1;
            }
            0x8..=0xa if is_final && length <= CONTROL_MAX_BYTES => return Ok(length),
            _ => return Err(Fault::Protocol),
        }
        self.is_open = !is_final;
        if self.message_bytes > MESSAGE_MAX_BYTES { Err(Fault::TooBig) } else { Ok(length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..=125 => frame.push(0x80 | length as u8),
            126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(vec![b'x'; length]);
        frame
    }

    #[test]
    fn a_text_is_utf_8_over_all_its_frames_and_whatever_the_mask() {
        let masked = |first: u8, payload: &[u8]| {
            let mask = [0x11, 0xa2, 0x33, 0xc4];
            let mut frame = vec![first, 0x80 | payload.len() as u8];
            frame.extend(mask);
            frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
            frame
        };
        let baby = "👶".as_bytes();
        let cases = [
            (vec![masked(0x81, "안녕 👶".as_bytes())], Ok(())),
            (
                vec![masked(0x01, &baby[..1]), masked(0x89, &[0xff]), masked(0x80, &baby[1..])],
                Ok(()),
            ),
            (vec![masked(0x01, baby), masked(0x80, &[])], Ok(())),
            (vec![masked(0x82, &[0xff, 0xfe])], Ok(())),
            (vec![masked(0x81, &[0x34, 0xc3, 0x28])], Err(Fault::Text)),
            (vec![masked(0x81, &baby[..3])], Err(Fault::Text)),
            (vec![masked(0x01, &baby[..3]), masked(0x80, &[])], Err(Fault::Text)),
        ];
        for (frames, expected) in cases {
            let stream = frames.concat();
            for step in [1, 2, 5, stream.len()] {
                let mut watch = Watch::default();
                let found = stream.chunks(step).try_for_each(|chunk| watch.look(chunk));
                assert_eq!(found, expected, "{stream:x?} in steps of {step}");
            }
        }
    }

    #[test]
    fn faults_are_found_wherever_the_stream_is_cut() {
        let (text, more, last, ping) = (0x01, 0x00, 0x80, 0x89);
        let half = 100 << 10;
        let cases = [
            (vec![frame(0x81, 5), frame(ping, 125), frame(0x81, 128 << 10)], Ok(())),
            (vec![frame(0x81, (128 << 10) + 1)], Err(Fault::TooBig)),
            (vec![frame(text, half), frame(ping, 0), frame(last, half)], Err(Fault::TooBig)),
            (vec![frame(text, half), frame(more, 1), frame(last, 1), frame(0x81, half)], Ok(())),
            (vec![frame(text, 1), frame(0x81, 1)], Err(Fault::Protocol)),
            (vec![frame(last, 1)], Err(Fault::Protocol)),
            (vec![frame(0x09, 0)], Err(Fault::Protocol)),
            (vec![frame(ping, 126)], Err(Fault::Protocol)),
            (vec![frame(0x83, 1)], Err(Fault::Protocol)),
            (vec![frame(0xc1, 1)], Err(Fault::Protocol)),
            (vec![vec![0x81, 1, b'x']], Err(Fault::Protocol)),
        ];
        for (frames, expected) in cases {
            let stream = frames.concat();
            for step in [1, 7, 4_096, stream.len()] {
                let mut watch = Watch::default();
                let found = stream.chunks(step).try_for_each(|chunk| watch.look(chunk));
                assert_eq!(found, expected, "in steps of {step}");
            }
        }
    }
}
