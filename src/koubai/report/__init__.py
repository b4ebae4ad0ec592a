"""Pages: a run, a landscape or a descent as one file that any browser opens."""

from koubai.report.build import scene_of as scene_of
from koubai.report.page import page_of as page_of
from koubai.report.page import save_page as save_page
from koubai.report.page import write_page as write_page
