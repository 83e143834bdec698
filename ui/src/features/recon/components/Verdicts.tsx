import { Button } from 'antd'
import { wordCode } from '../../../api/errors'
import { Id } from '../../../components/Id'
import { BatchResult } from '../../../components/states'
import type { BatchResult as Result } from '../../../generated/types'
import { useT } from '../../../i18n'

/** What became of each row of a step, when some were refused. */
export function Verdicts({ result, onClose }: { result: Result; onClose: () => void }) {
  const t = useT()
  return (
    <div className="zf-card zf-pane-section">
      <BatchResult
        ok={result.done}
        rows={result.failed.map((f) => ({
          key: f.id,
          label: <Id value={f.number ?? f.id} />,
          outcome: 'failed' as const,
          note: f.code === 'close.same_person' ? t('recon.own_proposal') : wordCode(t, f.code, f.params),
        }))}
        actions={
          <Button size="small" onClick={onClose}>
            {t('common.close')}
          </Button>
        }
      />
    </div>
  )
}
