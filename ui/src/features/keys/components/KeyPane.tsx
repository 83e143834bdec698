import { LockOutlined, ReloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMay } from '../../../api/status'
import { DetailPane } from '../../../components/DetailPane'
import { Digest, Id } from '../../../components/Id'
import { Facts, Time } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { KeyRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { kindKey, useRefreshKeys } from '../api'

type Props = { row: KeyRow; rows: readonly KeyRow[]; onClose: () => void; onStep: (by: number) => void }

/** One key in full: both notations of its serial, its dates, whom it belongs to. Never the secret half. */
export function KeyPane({ row, rows, onClose, onStep }: Props) {
  const t = useT()
  const may = useMay('manage_accounts')
  const toasts = useToasts()
  const refresh = useRefreshKeys()
  const at = rows.findIndex((r) => r.key_id === row.key_id)
  const plain = row.kind === 'platform_public_key'
  const ofChannel = row.kind === 'platform_certificate' || plain
  const accountId = row.account?.account_id
  return (
    <DetailPane
      title={
        <>
          <b>{t(kindKey(row, rows))}</b>
          <div className="zf-help">{row.account === null ? t('certs.desk') : `${row.account.display_name} ${row.account.merchant_no_masked}`}</div>
        </>
      }
      onClose={onClose}
      onPrev={at > 0 ? () => onStep(-1) : null}
      onNext={at < rows.length - 1 ? () => onStep(1) : null}
      testid="key-pane"
    >
      <div className="zf-stack zf-key-pane">
        <StatusTag kind="key" status={row.state} n={row.days_left ?? 0} place="header" />
        {row.consequence === 'nothing' ? null : (
          <p className="zf-t2">
            {t('certs.col.consequence')} · {t(`certs.consequence.${row.consequence}`)}
          </p>
        )}
        <Facts
          wide
          rows={[
            row.serial === null ? null : [plain ? t('certs.fact.id') : t('certs.fact.serial_hex'), <Id key="h" value={row.serial} copy testid="key-serial" />],
            row.serial_decimal === null ? null : [t('certs.fact.serial_decimal'), <Id key="d" value={row.serial_decimal} copy />],
            [t('certs.fact.algorithm'), row.algorithm],
            row.not_before === null && row.not_after === null
              ? null
              : [
                  t('certs.fact.valid'),
                  <span key="v">
                    <Time at={row.not_before} as="date" /> – {row.not_after === null ? t('certs.no_end') : <Time at={row.not_after} zone />}
                  </span>,
                ],
            row.suggested_at === null ? null : [t('certs.fact.advised'), <Time key="s" at={row.suggested_at} as="date" />],
            row.paired === null && row.kind !== 'merchant_certificate'
              ? null
              : [
                  t('certs.fact.pair'),
                  <span key="p" className="zf-row">
                    <StatusIcon family={row.paired === true ? 'ok' : row.paired === false ? 'br' : 'vo'} />
                    {row.paired === true ? t('certs.paired') : row.paired === false ? t('certs.not_paired') : t('certs.pair_unknown')}
                  </span>,
                ],
            row.subject === null ? null : [t('certs.fact.subject'), <span key="n" className="zf-wrap">{row.subject}</span>],
            row.issuer === null ? null : [t('certs.fact.issuer'), <span key="i" className="zf-wrap">{row.issuer}</span>],
            row.since === null ? null : [t('certs.fact.since'), <Time key="w" at={row.since} as="minute" />],
            row.last_seen_at === null ? null : [t('certs.fact.last_seen'), <Time key="l" at={row.last_seen_at} as="minute" />],
          ]}
        />
        {row.fingerprint === null ? null : (
          <div>
            <div className="zf-help">{t('certs.fact.fingerprint')}</div>
            <Digest value={row.fingerprint} wrap={4} />
          </div>
        )}
        {row.kind === 'merchant_certificate' || row.kind === 'receipt_signer' ? (
          <p className="zf-help">
            <LockOutlined aria-hidden /> {t('certs.private_sealed')}
          </p>
        ) : null}
        {row.kind === 'api_v3_key' ? <p className="zf-help">{t('certs.api_v3_note')}</p> : null}
        {ofChannel && accountId !== undefined ? (
          <div>
            {refresh.error === null ? null : <ErrorPanel error={refresh.error} />}
            <Button
              icon={<ReloadOutlined />}
              disabled={!may}
              loading={refresh.isPending}
              onClick={() => refresh.mutate({ account_id: accountId }, { onSuccess: () => toasts.show({ text: t('certs.refreshed') }) })}
              data-testid="refresh-keys"
            >
              {t('certs.refresh')}
            </Button>
            {may ? null : <p className="zf-help">{t('certs.admin_only')}</p>}
          </div>
        ) : null}
      </div>
    </DetailPane>
  )
}
