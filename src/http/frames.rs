//! Watches the frames that a WebSocket peer sends, to say why it is closed: the library underneath closes without a code.
//!
//! RFC 6455: framing in section 5.2, what control frames may be in 5.5, close codes in 7.4.1.

/// One message at most, however many frames it comes in.
pub(crate) const MESSAGE_MAX_BYTES: u64 = 128 << 10;
const CONTROL_MAX_BYTES: u64 = 125;
/// Two bytes, eight of length, four of mask.
const HEAD_MAX_BYTES: usize = 14;

/// Why a peer is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Protocol,
    TooBig,
}

impl Fault {
    /// A close frame that says so.
    pub(super) fn close_frame(self) -> [u8; 4] {
        let code: u16 = match self {
            Self::Protocol => 1002,
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
    payload_left: u64,
    message_bytes: u64,
    /// A message has begun and not ended.
    is_open: bool,
}

impl Watch {
    /// Looks at what came in; the first fault is final.
    pub(super) fn look(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let skipped =
                    bytes.len().min(usize::try_from(self.payload_left).unwrap_or(usize::MAX));
                self.payload_left -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head[self.head_bytes] = bytes[0];
            self.head_bytes += 1;
            bytes = &bytes[1..];
            if self.head_bytes == self.head_expected() {
                self.head_bytes = 0;
                self.payload_left = self.judge()?;
            }
        }
        Ok(())
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
        match self.head[0] & 0x0f {
            0x0 if self.is_open => self.message_bytes = self.message_bytes.saturating_add(length),
            0x1 | 0x2 if !self.is_open => self.message_bytes = length,
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
