"""The citizen's addresses. None of them holds a receipt, a code or a name."""

from django.urls import path

from mailbox.views import answers, follow, own_data, pages, phone, steps, stopping, style, write

app_name = "mailbox"
urlpatterns = [
    path("", pages.home, name="home"),
    path("display/", pages.switch, name="display"),
    path("style/", style.style, name="style"),
    path("write/", write.write, name="write"),
    path("write/begin/", steps.begin, name="begin"),
    path("write/check/", steps.check, name="check"),
    path("write/clear/", steps.clear, name="clear"),
    path("write/cleared/", steps.cleared, name="cleared"),
    path("write/steps/<slug:name>/", steps.step, name="step"),
    path("write/sent/", write.sent, name="sent"),
    path("questions/", answers.questions, name="questions"),
    path("answers/", answers.answers, name="answers"),
    path("answers/<int:pk>/", answers.answer, name="answer"),
    path("notices/stop/<str:token>/", stopping.stop_mail, name="stop-mail"),
    path("follow/", follow.look_up, name="follow"),
    path("follow/leave/", follow.leave, name="leave"),
    path("follow/phone/", phone.ask, name="phone"),
    path("follow/phone/code/", phone.code, name="phone-code"),
    path("follow/mine/", phone.mine, name="mine"),
    path("follow/mine/open/", phone.open_letter, name="mine-open"),
    path("follow/mine/code/", phone.renew, name="renew"),
    path("follow/mine/data/", own_data.own_data_page, name="own-data"),
    path("follow/mine/data/copy/", own_data.copy, name="own-copy"),
    path("follow/mine/data/erase/", own_data.erase, name="erase"),
    path("follow/case/", follow.case, name="case"),
    path("follow/case/files/<int:pk>/", follow.download, name="download"),
    path("follow/case/data/", own_data.of_letter, name="letter-data"),
    path("follow/case/data/copy/", own_data.copy_of_letter, name="letter-copy"),
    path("follow/case/data/erase/", own_data.erase_of_letter, name="letter-erase"),
    path("follow/case/consent/", follow.consent, name="consent"),
    path("follow/case/notices/", follow.notices, name="notices"),
    path("follow/case/more/<int:pk>/", follow.download_more, name="download-more"),
    path("follow/case/<slug:action>/", follow.act, name="act"),
]
