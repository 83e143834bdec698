import { Card } from '../../../components/small'
import type { XrayReport } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusIcon } from '../../../status/StatusTag'
import { byteText } from '../api'

/** Text with its line ends set apart. */
function Visible({ text, mark = false }: { text: string; mark?: boolean }) {
  const chars = [...text]
  const first = chars[0]
  const rest = mark && first !== undefined ? chars.slice(1).join('') : text
  const pieces = rest.split('\u23ce')
  return (
    <>
      {mark && first !== undefined ? <mark>{first === '\u23ce' ? '\u21b5' : first}</mark> : null}
      {pieces.map((piece, i) => (
        // Pieces have no identity of their own.
        // eslint-disable-next-line react/no-array-index-key
        <span key={i}>
          {piece}
          {i < pieces.length - 1 ? <i className="zf-newline">{'\u21b5'}</i> : null}
        </span>
      ))}
    </>
  )
}

function Hex({ bytes, mark, tone }: { bytes: readonly string[]; mark: number; tone: 'br' | 'ok' }) {
  return (
    <span className="zf-hex">
      {bytes.map((byte, i) => (
        // A window of bytes: the place is the identity.
        // eslint-disable-next-line react/no-array-index-key
        <span key={i} className={i === mark ? `zf-hex-${tone}` : undefined}>
          {byte}
        </span>
      ))}
    </span>
  )
}

/** The signed lines beside those of the message, and the first byte where they part. */
export function LinesCard({ report }: { report: XrayReport }) {
  const t = useT()
  const request = report.mode === 'request'
  // For a request the wrong side is what was signed; for a reply it is what arrived.
  const [signedTone, sentTone] = request ? (['br', 'ok'] as const) : (['ok', 'br'] as const)
  const d = report.difference
  return (
    <Card
      title={request ? t('xray.lines.request') : t('xray.lines.reply')}
      note={t('xray.lines.note')}
      extra={
        <span>
          {t('xray.lines.newline')} <i className="zf-newline">{'\u21b5'}</i>
        </span>
      }
      flush
      testid="xray-lines"
    >
      <table className="zf-table zf-xlines">
        <thead>
          <tr>
            <th scope="col" aria-label={t('xray.lines.request')} />
            <th scope="col">{request ? t('xray.lines.signed_request') : t('xray.lines.signed_reply')}</th>
            <th scope="col">{request ? t('xray.lines.sent_request') : t('xray.lines.sent_reply')}</th>
            <th scope="col" />
          </tr>
        </thead>
        <tbody>
          {report.lines.map((line, i) => {
            const empty = line.same && (line.common === '\u23ce' || line.common === '')
            const same = (
              <>
                {empty ? <span className="zf-t3">{t('xray.line.empty')} </span> : null}
                <Visible text={line.common} />
              </>
            )
            return (
              <tr key={line.name} className={line.same ? undefined : 'zf-xline-bad'} data-testid={`xray-line-${line.name}`}>
                <th scope="row">
                  {i + 1} {t(`xray.line.${line.name}`)}
                </th>
                <td>
                  {!line.known ? (
                    <span className="zf-t3">{t('xray.line.unknown')}</span>
                  ) : line.same ? (
                    same
                  ) : (
                    <>
                      <Visible text={line.common} />
                      <span className={`zf-xrest zf-xrest-${signedTone}`}>
                        <Visible text={line.signed} mark />
                      </span>
                    </>
                  )}
                </td>
                <td>
                  {line.same ? (
                    same
                  ) : (
                    <>
                      <Visible text={line.common} />
                      <span className={`zf-xrest zf-xrest-${sentTone}`}>
                        <Visible text={line.sent} mark />
                      </span>
                    </>
                  )}
                </td>
                <td>
                  {line.known ? <StatusIcon family={line.same ? 'ok' : 'br'} label={line.same ? t('xray.line.same') : t('xray.line.differs')} /> : <StatusIcon family="vo" label={t('xray.line.unknown')} />}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {d === null ? null : (
        <div className="zf-xbyte" data-testid="xray-byte">
          <span className="zf-t3">{t('xray.byte')}</span>
          <span>{byteText(report)}</span>
          <span className="zf-t3">{t('xray.byte.signed')}</span>
          <Hex bytes={d.signed_hex} mark={d.mark} tone={signedTone} />
          <span className="zf-t3">{t('xray.byte.sent')}</span>
          <Hex bytes={d.sent_hex} mark={d.mark} tone={sentTone} />
        </div>
      )}
    </Card>
  )
}
