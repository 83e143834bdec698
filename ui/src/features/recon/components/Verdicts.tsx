import { Button } from 'antd'
import { wordCode } from '../../../api/errors'
import { Id } from '../../../components/Id'
import { BatchResult } from '../../../components/states'
import type { BatchResult as Result } from '../../../generated/types'
import { useT } from '../../../i18n'

const none: readonly string[] = []

/** What became of each row of a step, when some were refused: why not, and which went through. */
export function Verdicts({ result, done = none, onClose }: { result: Result; done?: readonly string[]; onClose: () => void }) {
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
          <>
            {done.length === 0 ? null : (
              <details className="zf-grow" data-testid="verdicts-done">
                <summary>{t('recon.verdicts_done', { n: done.length })}</summary>
                <ul className="zf-lines">
                  {done.map((number) => (
                    <li key={number}>
                      <Id value={number} />
                    </li>
                  ))}
                </ul>
              </details>
            )}
            <Button size="small" onClick={onClose}>
              {t('common.close')}
            </Button>
          </>
        }
      />
    </div>
  )
}
